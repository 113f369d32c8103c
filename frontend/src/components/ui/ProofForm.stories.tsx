import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, within } from "storybook/test";
import { ApiProblem } from "@/lib/problem";
import { ProofForm } from "./ProofForm";
import { TextField } from "./TextField";

const send = fn(() => Promise.resolve());
const cancel = fn();

const refusal = new ApiProblem(
  { code: "invalid_input", errors: [{ pointer: "/password", code: "wrong_password", detail: "This is not your current password." }] },
  422,
);

const meta = {
  component: ProofForm,
  args: { asks: ["password", "code"], action: "Delete it", danger: true, send, onCancel: cancel },
  beforeEach: () => {
    send.mockClear();
    cancel.mockClear();
  },
} satisfies Meta<typeof ProofForm>;

export default meta;
type Story = StoryObj<typeof meta>;

export const PasswordAndCode: Story = {
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement);
    await userEvent.click(canvas.getByRole("button", { name: "Delete it" }));
    await expect(await canvas.findAllByText("Fill this in.")).toHaveLength(2);
    await expect(send).not.toHaveBeenCalled();
    await userEvent.type(canvas.getByLabelText("Current password"), "some secret words");
    await userEvent.type(canvas.getByLabelText("Code"), "123456");
    await userEvent.click(canvas.getByRole("button", { name: "Delete it" }));
    await expect(send).toHaveBeenCalledWith({ password: "some secret words", code: "123456" });
    await userEvent.click(canvas.getByRole("button", { name: "Cancel" }));
    await expect(cancel).toHaveBeenCalledOnce();
  },
};

/** An account of single sign-on: having just come from there is the proof. */
export const NothingToType: Story = { args: { asks: [], lead: "You came from your sign-in service just now." } };

export const WithMoreToFillInFirst: Story = {
  args: { asks: ["password"], children: <TextField id="name" label="Type “Workshop”" />, ready: false },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("button", { name: "Delete it" })).toBeDisabled();
  },
};

export const Refused: Story = {
  tags: ["snapshot"],
  args: {
    asks: ["password"],
    send: fn(() => Promise.reject(refusal)),
  },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement);
    await userEvent.type(canvas.getByLabelText("Current password"), "something else");
    await userEvent.click(canvas.getByRole("button", { name: "Delete it" }));
    await expect(await canvas.findByText("This is not your current password.")).toBeVisible();
  },
};
