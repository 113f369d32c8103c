import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, userEvent, within } from "storybook/test";
import { TextArea } from "./TextArea";

const meta = {
  component: TextArea,
  args: { id: "words", label: "Prompt", placeholder: "Describe a picture…" },
} satisfies Meta<typeof TextArea>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Empty: Story = {};

/** Grows with its text, up to a third of a screen; then it scrolls. */
export const Growing: Story = {
  play: async ({ canvasElement }) => {
    const area = within(canvasElement).getByRole("textbox", { name: "Prompt" });
    const before = area.getBoundingClientRect().height;
    await userEvent.type(area, "a rocket{enter}a heart{enter}an umbrella{enter}an apple{enter}a penguin");
    await expect(area.getBoundingClientRect().height).toBeGreaterThan(before);
  },
};

export const Full: Story = {
  args: { defaultValue: "a red rocket over a blue sea, \n".repeat(40), aside: "1,200 / 1,200" },
  play: async ({ canvasElement }) => {
    const area = within(canvasElement).getByRole("textbox");
    await expect(area.getBoundingClientRect().height).toBeLessThanOrEqual(288);
    await expect(area.scrollHeight).toBeGreaterThan(area.clientHeight);
  },
};

export const WithError: Story = {
  tags: ["snapshot"],
  args: { error: "Write at least one word.", help: "What should be in the picture?" },
  play: async ({ canvasElement }) => {
    const area = within(canvasElement).getByRole("textbox");
    await expect(area).toBeInvalid();
    await expect(area).toHaveAccessibleDescription("Write at least one word. What should be in the picture?");
  },
};

export const Disabled: Story = { args: { disabled: true, defaultValue: "a red rocket" } };
