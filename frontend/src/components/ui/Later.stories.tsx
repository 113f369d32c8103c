import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { lazy } from "react";
import { expect, within } from "storybook/test";
import { Later } from "./Later";

const Never = lazy(() => new Promise<never>(() => undefined));

const meta = { component: Later, args: { className: "h-11 w-64", children: "Here it is." } } satisfies Meta<typeof Later>;

export default meta;
type Story = StoryObj<typeof meta>;

export const OnItsWay: Story = {
  args: { children: <Never /> },
  play: async ({ canvasElement }) => expect(canvasElement.querySelector("[aria-hidden]")).toBeVisible(),
};

export const There: Story = {
  play: async ({ canvasElement }) => expect(await within(canvasElement).findByText("Here it is.")).toBeVisible(),
};
