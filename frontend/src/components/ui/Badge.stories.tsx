import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { Badge } from "./Badge";

const meta = { component: Badge, args: { children: "Words" } } satisfies Meta<typeof Badge>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Quiet: Story = {};

export const Accent: Story = { tags: ["snapshot"], args: { look: "accent", children: "Flags" } };

export const Danger: Story = { args: { look: "danger", children: "Blocks" } };
