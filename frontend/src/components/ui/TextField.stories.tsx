import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, userEvent, within } from "storybook/test";
import { TextField } from "./TextField";

const meta = { component: TextField, args: { id: "email", label: "Email" } } satisfies Meta<typeof TextField>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Empty: Story = {
  play: async ({ canvasElement }) => {
    const field = within(canvasElement).getByRole("textbox", { name: "Email" });
    await userEvent.type(field, "ada@example.com");
    await expect(field).toHaveValue("ada@example.com");
  },
};

export const Filled: Story = { args: { defaultValue: "ada@example.com", help: "Letters of this studio go there." } };

export const WithPlaceholder: Story = { args: { placeholder: "you@example.com" } };

export const WithError: Story = {
  tags: ["snapshot"],
  args: { defaultValue: "ada@", error: "That is not an email address." },
  play: async ({ canvasElement }) => {
    const field = within(canvasElement).getByRole("textbox");
    await expect(field).toBeInvalid();
    await expect(field).toHaveAccessibleDescription("That is not an email address.");
  },
};

export const OfANumber: Story = { args: { id: "limit", label: "Pictures a day", type: "number", defaultValue: 200, aside: "0: none" } };

export const OfAPassword: Story = { args: { id: "secret", label: "Password", type: "password", defaultValue: "a long sentence" } };

export const Disabled: Story = { args: { disabled: true, defaultValue: "ada@example.com" } };
