import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { ArrowUp, Heart, Trash2, X } from "lucide-react";
import { expect, fn, userEvent, within } from "storybook/test";
import { IconButton } from "./IconButton";

const LOOKS = ["quiet", "accent", "danger", "overlay"] as const;
const SIZES = ["small", "medium"] as const;
const ICONS = { quiet: X, accent: ArrowUp, danger: Trash2, overlay: Heart };

const meta = {
  component: IconButton,
  args: { label: "Close", children: <X aria-hidden />, onClick: fn() },
  argTypes: { look: { control: "select", options: LOOKS }, size: { control: "select", options: SIZES } },
} satisfies Meta<typeof IconButton>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {
  play: async ({ args, canvasElement }) => {
    const button = within(canvasElement).getByRole("button", { name: "Close" });
    await expect(button).toHaveAttribute("title", "Close");
    await userEvent.click(button);
    await expect(args.onClick).toHaveBeenCalledOnce();
  },
};

/** 24 pixels is the least that a finger is given (WCAG 2.5.8). */
export const EveryLook: Story = {
  tags: ["snapshot"],
  render: () => (
    <div className="flex flex-col gap-4">
      {[false, true].map((disabled) =>
        SIZES.map((size) => (
          <div key={`${size} ${disabled}`} className="flex gap-2">
            {LOOKS.map((look) => {
              const Icon = ICONS[look];
              return (
                <IconButton key={look} look={look} size={size} disabled={disabled} label={`${look}, ${size}`}>
                  <Icon aria-hidden />
                </IconButton>
              );
            })}
          </div>
        )),
      )}
    </div>
  ),
  play: async ({ canvasElement }) => {
    for (const button of within(canvasElement).getAllByRole("button")) {
      const { width, height } = button.getBoundingClientRect();
      await expect(Math.min(width, height)).toBeGreaterThanOrEqual(24);
    }
  },
};
