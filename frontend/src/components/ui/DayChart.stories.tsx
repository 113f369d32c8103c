import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, within } from "storybook/test";
import { DayChart, type DayChartProps } from "./DayChart";

function days(values: readonly number[]): DayChartProps["days"] {
  return values.map((value, index) => {
    const day = `2026-11-${String(index + 1).padStart(2, "0")}`;
    return { day, value, text: `${day}: ${value} pictures` };
  });
}

const MONTH = [3, 0, 12, 40, 8, 1, 0, 0, 5, 9, 22, 31, 2, 0, 7, 18, 4, 4, 0, 11, 60, 13, 6, 0, 0, 2, 9, 27, 14, 3];

const meta = {
  component: DayChart,
  args: { label: "Pictures by day", ends: ["1 Nov", "30 Nov"] },
} satisfies Meta<typeof DayChart>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Full: Story = {
  tags: ["snapshot"],
  args: { days: days(MONTH) },
  play: async ({ canvasElement }) => {
    const list = within(canvasElement).getByRole("list", { name: "Pictures by day" });
    await expect(within(list).getAllByRole("listitem")).toHaveLength(MONTH.length);
    const bars = [...list.querySelectorAll<HTMLElement>("[aria-hidden]")].map((bar) => bar.getBoundingClientRect().height);
    await expect(Math.max(...bars)).toBe(bars[MONTH.indexOf(60)]);
    // One picture is little beside sixty, but it is not nothing.
    await expect(bars[MONTH.indexOf(1)]).toBeGreaterThan(bars[MONTH.indexOf(0)] ?? 0);
  },
};

export const OneDay: Story = { args: { days: days([4]), ends: ["1 Nov", "1 Nov"] } };

export const NothingYet: Story = { args: { days: days(MONTH.map(() => 0)) } };
