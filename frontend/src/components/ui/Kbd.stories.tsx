import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { Kbd } from "./Kbd";

const meta = { component: Kbd, args: { children: "g" } } satisfies Meta<typeof Kbd>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Letter: Story = {};

export const Word: Story = { args: { children: "Shift" } };

export const InASentence: Story = {
  tags: ["snapshot"],
  render: () => (
    <p className="text-sm">
      <Kbd>g</Kbd> <Kbd>g</Kbd> opens the gallery, <Kbd>Esc</Kbd> closes it.
    </p>
  ),
};
