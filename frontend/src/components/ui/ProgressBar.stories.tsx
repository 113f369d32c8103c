import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, within } from "storybook/test";
import { ProgressBar } from "./ProgressBar";

const meta = { component: ProgressBar, args: { label: "Drawing", value: 0.4 } } satisfies Meta<typeof ProgressBar>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Begun: Story = { args: { value: 0 } };

export const Halfway: Story = {
  tags: ["snapshot"],
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("progressbar", { name: "Drawing" })).toHaveAttribute("aria-valuenow", "40");
  },
};

export const Done: Story = { args: { value: 1 } };

/** A value past the end never draws past the end. */
export const PastTheEnd: Story = {
  args: { value: 1.4 },
  play: async ({ canvasElement }) => {
    const bar = within(canvasElement).getByRole("progressbar");
    await expect(bar.firstElementChild?.getBoundingClientRect().width).toBeLessThanOrEqual(bar.getBoundingClientRect().width);
  },
};
