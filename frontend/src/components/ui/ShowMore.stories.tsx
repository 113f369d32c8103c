import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, within } from "storybook/test";
import { ShowMore } from "./ShowMore";

const meta = {
  component: ShowMore,
  args: { hasNextPage: true, isFetchingNextPage: false, fetchNextPage: fn(() => Promise.resolve()) },
} satisfies Meta<typeof ShowMore>;

export default meta;
type Story = StoryObj<typeof meta>;

export const More: Story = {
  tags: ["snapshot"],
  play: async ({ args, canvasElement }) => {
    await userEvent.click(within(canvasElement).getByRole("button"));
    await expect(args.fetchNextPage).toHaveBeenCalledOnce();
  },
};

export const OnItsWay: Story = {
  args: { isFetchingNextPage: true },
  play: async ({ canvasElement }) => expect(within(canvasElement).getByRole("button")).toBeDisabled(),
};

export const AtTheEnd: Story = {
  args: { hasNextPage: false },
  play: async ({ canvasElement }) => expect(within(canvasElement).queryByRole("button")).toBeNull(),
};
