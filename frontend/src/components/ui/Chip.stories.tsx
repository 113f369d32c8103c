import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, within } from "storybook/test";
import { Chip } from "./Chip";

const meta = {
  component: Chip,
  args: { label: "Size", children: "64 × 64", onClick: fn() },
} satisfies Meta<typeof Chip>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {
  tags: ["snapshot"],
  play: async ({ args, canvasElement }) => {
    await userEvent.click(within(canvasElement).getByRole("button", { name: "Size: 64 × 64" }));
    await expect(args.onClick).toHaveBeenCalledOnce();
  },
};

export const Open: Story = {
  render: (args) => <Chip {...args} aria-expanded data-popup-open="" />,
};

export const LongValue: Story = {
  args: { label: "Model", children: "A model whose name somebody wrote out in full, with its version and its date" },
  render: (args) => (
    <div className="flex max-w-48">
      <Chip {...args} />
    </div>
  ),
  play: async ({ canvasElement }) => {
    const button = within(canvasElement).getByRole("button");
    await expect(button.getBoundingClientRect().width).toBeLessThanOrEqual(192);
  },
};
