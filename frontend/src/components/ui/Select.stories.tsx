import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, within } from "storybook/test";
import { Select } from "./Select";

const meta = {
  component: Select,
  args: {
    "aria-label": "Role of Ada",
    className: "w-36",
    defaultValue: "member",
    onChange: fn(),
    children: (
      <>
        <option value="viewer">viewer</option>
        <option value="member">member</option>
        <option value="admin">admin</option>
      </>
    ),
  },
} satisfies Meta<typeof Select>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {
  play: async ({ args, canvasElement }) => {
    const select = within(canvasElement).getByRole("combobox", { name: "Role of Ada" });
    await userEvent.selectOptions(select, "viewer");
    await expect(select).toHaveValue("viewer");
    await expect(args.onChange).toHaveBeenCalledOnce();
  },
};

export const Disabled: Story = { args: { disabled: true } };
