import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, userEvent, within } from "storybook/test";
import { Segments, type SegmentsProps } from "./Segments";

function WithState({ value, ...props }: SegmentsProps) {
  const [current, setCurrent] = useState(value);
  return <Segments {...props} value={current} onValue={setCurrent} />;
}

const meta = {
  component: Segments,
  args: {
    label: "Theme",
    value: "system",
    onValue: () => undefined,
    choices: [
      { value: "system", label: "As the system" },
      { value: "light", label: "Light" },
      { value: "dark", label: "Dark" },
    ],
  },
  render: (args) => <WithState {...args} />,
} satisfies Meta<typeof Segments>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {
  play: async ({ canvasElement }) => {
    const group = within(within(canvasElement).getByRole("group", { name: "Theme" }));
    await userEvent.click(group.getByRole("button", { name: "Dark" }));
    await expect(group.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
    await expect(group.getByRole("button", { name: "As the system" })).toHaveAttribute("aria-pressed", "false");
  },
};

/** Before it is known, none is chosen. */
export const NotKnownYet: Story = {
  args: { value: undefined },
  play: async ({ canvasElement }) => {
    for (const button of within(canvasElement).getAllByRole("button")) {
      await expect(button).toHaveAttribute("aria-pressed", "false");
    }
  },
};

export const InOtherLanguages: Story = {
  tags: ["snapshot"],
  args: {
    label: "Language",
    value: "de",
    choices: [
      { value: "en", label: "English", lang: "en" },
      { value: "de", label: "Deutsch", lang: "de" },
    ],
  },
};
