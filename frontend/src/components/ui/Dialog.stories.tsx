import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, screen, userEvent, waitFor, within } from "storybook/test";
import { Button } from "./Button";
import { Dialog, type DialogProps } from "./Dialog";
import { TextField } from "./TextField";

/** A page with the button that opens it. */
function WithButton({ open, ...props }: DialogProps) {
  const [shown, setShown] = useState(open);
  return (
    <>
      <Button onClick={() => setShown(true)}>Rename</Button>
      <Dialog {...props} open={shown} onOpenChange={setShown} />
    </>
  );
}

const meta = {
  component: Dialog,
  args: {
    open: true,
    onOpenChange: () => undefined,
    title: "Rename the collection",
    children: (
      <div className="flex flex-col gap-4">
        <TextField id="name" label="Name" defaultValue="Rockets" />
        <Button look="accent">Save</Button>
      </div>
    ),
  },
  render: (args) => <WithButton {...args} />,
} satisfies Meta<typeof Dialog>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Open: Story = {
  play: async () => {
    await waitFor(() => expect(screen.getByRole("dialog", { name: "Rename the collection" })).toBeVisible());
  },
};

export const WithDescription: Story = {
  args: { description: "Its pictures stay where they are." },
  play: async () => {
    const dialog = await screen.findByRole("dialog");
    await expect(dialog).toHaveAccessibleDescription("Its pictures stay where they are.");
  },
};

export const Full: Story = {
  args: {
    title: "A title so long that it needs a second line beside the button that closes the dialog",
    children: Array.from({ length: 40 }, (_, index) => <p key={index}>Line {index + 1} of more than fits on the screen.</p>),
  },
  play: async () => {
    const dialog = await screen.findByRole("dialog");
    await waitFor(() => expect(dialog.getBoundingClientRect().height).toBeLessThanOrEqual(window.innerHeight));
    await expect(dialog.scrollHeight).toBeGreaterThan(dialog.clientHeight);
  },
};

/** Opened by keyboard: focus goes in, stays in, and comes back when Escape closes it. */
export const ByKeyboard: Story = {
  args: { open: false },
  play: async ({ canvasElement }) => {
    const opener = within(canvasElement).getByRole("button", { name: "Rename" });
    opener.focus();
    await userEvent.keyboard("{Enter}");
    const dialog = await screen.findByRole("dialog");
    await waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement));
    for (let press = 0; press < 5; press++) {
      await userEvent.tab();
      await waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement));
    }
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await waitFor(() => expect(opener).toHaveFocus());
  },
};

export const ClosedByItsButton: Story = {
  play: async () => {
    await userEvent.click(await screen.findByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  },
};
