import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, within } from "storybook/test";
import { Button } from "./Button";
import { EmptyState } from "./EmptyState";

const meta = {
  component: EmptyState,
  args: { title: "Nothing here yet" },
} satisfies Meta<typeof EmptyState>;

export default meta;
type Story = StoryObj<typeof meta>;

export const TitleOnly: Story = {
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("heading", { level: 2, name: "Nothing here yet" })).toBeVisible();
  },
};

export const WithText: Story = { args: { children: "Pictures that you make are kept here, the newest first." } };

export const Inviting: Story = {
  tags: ["snapshot"],
  args: {
    children: "Pictures that you make are kept here, the newest first.",
    action: (
      <>
        <Button look="accent">Make the first one</Button>
        <Button look="quiet">Look at the examples</Button>
      </>
    ),
  },
};

/** When it is all that a page says. */
export const WholePage: Story = {
  args: { level: 1, children: "There is no page at this address.", action: <Button look="accent">To the studio</Button> },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("heading", { level: 1 })).toBeVisible();
  },
};
