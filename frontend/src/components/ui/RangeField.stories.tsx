import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, fireEvent, userEvent, within } from "storybook/test";
import { RangeField, type RangeFieldProps } from "./RangeField";

function WithState({ value, ...props }: RangeFieldProps) {
  const [current, setCurrent] = useState(value);
  return <RangeField {...props} value={current} onValue={setCurrent} />;
}

const meta = {
  component: RangeField,
  args: { id: "steps", label: "Steps", value: 20, onValue: () => undefined, min: 4, max: 100, step: 1 },
  render: (args) => <WithState {...args} />,
} satisfies Meta<typeof RangeField>;

export default meta;
type Story = StoryObj<typeof meta>;

/** The slider and the number are the same value. */
export const Default: Story = {
  args: { help: "More steps, finer detail, more time.", aside: "4 to 100" },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement);
    const number = canvas.getByRole("spinbutton", { name: "Steps" });
    const slider = canvas.getByRole("slider", { name: "Steps, slider" });
    await userEvent.clear(number);
    await userEvent.type(number, "42");
    await expect(slider).toHaveValue("42");
    await fireEvent.input(slider, { target: { value: "60" } });
    await expect(number).toHaveValue(60);
  },
};

export const Emptied: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement);
    await userEvent.clear(canvas.getByRole("spinbutton"));
    await expect(canvas.getByRole("spinbutton")).toHaveValue(null);
    await expect(canvas.getByRole("slider")).toHaveValue("4");
  },
};

export const WithError: Story = {
  tags: ["snapshot"],
  args: { value: 140, error: "At most 100." },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("spinbutton")).toHaveAccessibleDescription("At most 100.");
  },
};

/** The model allows one value: there is nothing to choose. */
export const Fixed: Story = {
  args: { value: 4, min: 4, max: 4 },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("slider")).toBeDisabled();
    await expect(within(canvasElement).getByRole("spinbutton")).toHaveAttribute("readonly");
  },
};
