import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, within } from "storybook/test";
import { SelectField } from "./SelectField";

const meta = {
  component: SelectField,
  args: {
    id: "role",
    label: "Role",
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
} satisfies Meta<typeof SelectField>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {
  play: async ({ args, canvasElement }) => {
    const select = within(canvasElement).getByRole("combobox", { name: "Role" });
    await userEvent.selectOptions(select, "admin");
    await expect(select).toHaveValue("admin");
    await expect(args.onChange).toHaveBeenCalledOnce();
  },
};

export const WithHelp: Story = { args: { help: "What the person may do in your organisation." } };

export const WithError: Story = {
  tags: ["snapshot"],
  args: { error: "Your role does not reach that far." },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("combobox")).toBeInvalid();
  },
};

export const Disabled: Story = { args: { disabled: true } };
