import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { Skeleton } from "./Skeleton";

const meta = { component: Skeleton, args: { className: "h-4 w-48" } } satisfies Meta<typeof Skeleton>;

export default meta;
type Story = StoryObj<typeof meta>;

/** Nothing to read: what is on its way is said by the region around it. */
export const Line: Story = {
  play: async ({ canvasElement }) => {
    const line = canvasElement.querySelector("[aria-hidden]");
    await expect(line).toBeVisible();
    await expect(line).toBeEmptyDOMElement();
  },
};

export const Card: Story = { tags: ["snapshot"], args: { className: "aspect-square w-48 rounded-card" } };

export const Round: Story = { args: { className: "size-10 rounded-full" } };
