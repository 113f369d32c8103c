import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, within } from "storybook/test";
import { ApiProblem } from "@/lib/problem";
import { Button } from "./Button";
import { ProblemNotice } from "./ProblemNotice";

const again = fn();

const meta = { component: ProblemNotice, beforeEach: () => void again.mockClear() } satisfies Meta<typeof ProblemNotice>;

export default meta;
type Story = StoryObj<typeof meta>;

export const ToldByTheServer: Story = {
  tags: ["snapshot"],
  args: {
    error: new ApiProblem(
      {
        code: "quota_exceeded",
        detail: "Your organisation has used 200 of its 200 pictures this month.",
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      },
      402,
    ),
  },
  play: async ({ canvasElement }) => {
    const notice = within(canvasElement).getByRole("alert");
    await expect(notice).toHaveTextContent("Your organisation has used 200 of its 200 pictures this month.");
    await expect(notice).toHaveTextContent("trace 4bf92f3577b34da6a3ce929d0e0e4736");
  },
};

export const TooFast: Story = {
  args: { error: new ApiProblem({ code: "rate_limited" }, 429, 12) },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByRole("alert")).toHaveTextContent("Try again in 12 s.");
  },
};

export const NoAnswer: Story = {
  args: {
    error: new ApiProblem({ code: "network" }, 0),
    advice: "Your prompt is kept.",
    action: (
      <Button size="small" onClick={again}>
        Try again
      </Button>
    ),
  },
  play: async ({ canvasElement }) => {
    const canvas = within(canvasElement);
    await expect(canvas.getByRole("alert")).toHaveTextContent("The server did not answer.");
    await userEvent.click(canvas.getByRole("button", { name: "Try again" }));
    await expect(again).toHaveBeenCalledOnce();
  },
};

/** A mistake of the page itself: its own words are for the log, not for the visitor. */
export const Unforeseen: Story = {
  args: { error: new TypeError("x is undefined") },
  play: async ({ canvasElement }) => {
    const notice = within(canvasElement).getByRole("alert");
    await expect(notice).toHaveTextContent("Something went wrong in this page.");
    await expect(notice).not.toHaveTextContent("undefined");
  },
};
