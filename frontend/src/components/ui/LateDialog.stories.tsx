import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, screen, userEvent, waitFor, within } from "storybook/test";
import { Button } from "./Button";
import { LateDialog } from "./LateDialog";

const meta = {
  component: LateDialog,
  args: {
    open: false,
    onOpenChange: () => undefined,
    title: "Remove Grace Hopper?",
    description: "What she made stays.",
    children: <Button look="danger">Remove</Button>,
  },
  render: function Page(args) {
    const [open, setOpen] = useState(args.open);
    return (
      <>
        <Button onClick={() => setOpen(true)}>Ask</Button>
        <LateDialog {...args} open={open} onOpenChange={setOpen} />
      </>
    );
  },
} satisfies Meta<typeof LateDialog>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Closed: Story = {
  play: async () => expect(screen.queryByRole("dialog")).toBeNull(),
};

/** It goes away as it came, and the focus is back where it was. */
export const OpenedAndClosed: Story = {
  play: async ({ canvasElement }) => {
    const button = within(canvasElement).getByRole("button", { name: "Ask" });
    await userEvent.click(button);
    await waitFor(() => expect(screen.getByRole("dialog", { name: "Remove Grace Hopper?" })).toBeVisible());
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(button).toHaveFocus());
  },
};

export const Open: Story = {
  args: { open: true },
  play: async () => waitFor(() => expect(screen.getByRole("dialog")).toBeVisible()),
};
