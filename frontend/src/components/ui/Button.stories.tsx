import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { Plus } from "lucide-react";
import { expect, fn, userEvent, within } from "storybook/test";
import { Button } from "./Button";

const LOOKS = ["accent", "solid", "outline", "quiet", "danger"] as const;
const SIZES = ["small", "medium", "large"] as const;

const meta = {
  component: Button,
  args: { children: "Make it", onClick: fn() },
  argTypes: { look: { control: "select", options: LOOKS }, size: { control: "select", options: SIZES } },
} satisfies Meta<typeof Button>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {
  play: async ({ args, canvasElement }) => {
    const button = within(canvasElement).getByRole("button", { name: "Make it" });
    await expect(button).toHaveAttribute("type", "button");
    await userEvent.click(button);
    button.focus();
    await userEvent.keyboard("{Enter}");
    await expect(args.onClick).toHaveBeenCalledTimes(2);
  },
};

export const EveryLook: Story = {
  tags: ["snapshot"],
  render: () => (
    <div className="flex flex-col gap-4">
      {SIZES.map((size) => (
        <div key={size} className="flex flex-wrap items-center gap-2">
          {LOOKS.map((look) => (
            <Button key={look} look={look} size={size}>
              {look}
            </Button>
          ))}
        </div>
      ))}
    </div>
  ),
};

export const WithIcon: Story = {
  args: {
    look: "accent",
    children: (
      <>
        <Plus aria-hidden />
        New collection
      </>
    ),
  },
};

export const Disabled: Story = {
  tags: ["snapshot"],
  args: { look: "accent", disabled: true },
  play: async ({ args, canvasElement }) => {
    await userEvent.click(within(canvasElement).getByRole("button"), { pointerEventsCheck: 0 });
    await expect(args.onClick).not.toHaveBeenCalled();
  },
};
