import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, userEvent, within } from "storybook/test";
import { cn } from "@/lib/cn";
import { controlStyle } from "./controlStyle";
import { describedBy, Field, type FieldProps } from "./Field";

const meta = {
  component: Field,
  args: { id: "seed", label: "Seed", children: null },
  render: (args: FieldProps) => (
    <Field {...args}>
      <input
        id={args.id}
        aria-invalid={args.error ? true : undefined}
        aria-describedby={describedBy(args.id, args)}
        className={cn(controlStyle, "h-11 w-full")}
      />
    </Field>
  ),
} satisfies Meta<typeof Field>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement);
    await userEvent.click(canvas.getByText("Seed"));
    await expect(canvas.getByRole("textbox", { name: "Seed" })).toHaveFocus();
  },
};

export const WithHelp: Story = {
  args: { help: "The same seed and settings make the same picture.", aside: "optional" },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("textbox")).toHaveAccessibleDescription(
      "The same seed and settings make the same picture.",
    );
  },
};

/** The error is read before the help. */
export const WithError: Story = {
  args: { help: "Between 0 and 4,294,967,295.", error: "That is not a number.", aside: "7 / 10" },
  play: async ({ canvasElement }) => {
    const control = within(canvasElement).getByRole("textbox");
    await expect(control).toBeInvalid();
    await expect(control).toHaveAccessibleDescription("That is not a number. Between 0 and 4,294,967,295.");
  },
};
