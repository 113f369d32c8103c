import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { ThemeProvider } from "next-themes";
import { toast } from "sonner";
import { expect, fn, screen, userEvent, waitFor } from "storybook/test";
import { showDone, showProblem, showUndo } from "@/lib/toasts";
import { Toaster } from "./Toaster";

const undo = fn();

const meta = {
  component: Toaster,
  decorators: [
    (Story, { globals }) => {
      const theme = globals.theme === "dark" ? "dark" : "light";
      return (
        // One key a theme: what is stored under it is never another theme.
        <ThemeProvider key={theme} attribute="class" storageKey={`stories-${theme}`} defaultTheme={theme} enableSystem={false}>
          <Story />
        </ThemeProvider>
      );
    },
  ],
  beforeEach: () => {
    undo.mockClear();
    return () => void toast.dismiss();
  },
} satisfies Meta<typeof Toaster>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Nothing: Story = {};

export const Done: Story = {
  play: async () => {
    showDone("Copied.");
    await waitFor(() => expect(screen.getByText("Copied.")).toBeVisible());
  },
};

export const Problem: Story = {
  play: async () => {
    showProblem("The picture was not deleted.", "The server did not answer. Check your connection and try again.");
    await waitFor(() => expect(screen.getByText("The picture was not deleted.")).toBeVisible());
    await waitFor(() => expect(screen.getByText(/Check your connection/)).toBeVisible());
  },
};

export const Undo: Story = {
  play: async () => {
    showUndo("3 pictures deleted.", "Undo", undo);
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await expect(undo).toHaveBeenCalledOnce();
    await waitFor(() => expect(screen.queryByText("3 pictures deleted.")).not.toBeInTheDocument());
  },
};

/** Several at once stand behind each other. */
export const Full: Story = {
  play: async () => {
    for (const count of [1, 2, 3]) showDone(`Download ${count} is ready.`);
    await waitFor(() => expect(screen.getByText("Download 3 is ready.")).toBeVisible());
  },
};
