import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, waitFor, within } from "storybook/test";
import { Picture } from "./Picture";

function drawing(width: number, height: number): string {
  const size = `width="${width}" height="${height}"`;
  const shapes = `<rect ${size} fill="#23395b"/><circle cx="${width / 2}" cy="${height / 2}" r="${Math.min(width, height) / 4}" fill="#f2a541"/>`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${shapes}</svg>`)}`;
}

/** Never a picture: what an address gives that has run out. */
const REFUSED = "data:image/png;base64,AAAA";
const HASH = "3OcRJYB4d3h/iIeHeEh3eIhw+j3A";

const meta = {
  component: Picture,
  args: { src: drawing(320, 320), alt: "a yellow umbrella", width: 320, height: 320, placeholder: HASH, eager: true },
  render: (args) => (
    <div className="max-w-48">
      <Picture {...args} />
    </div>
  ),
} satisfies Meta<typeof Picture>;

export default meta;
type Story = StoryObj<typeof meta>;

const placeholder = (canvas: HTMLElement) => canvas.querySelector("img[aria-hidden]");

export const Loaded: Story = {
  play: async ({ canvasElement }) => {
    const image = within(canvasElement).getByRole<HTMLImageElement>("img", { name: "a yellow umbrella" });
    await waitFor(() => expect(image.naturalWidth).toBe(320));
    await waitFor(() => expect(placeholder(canvasElement)).not.toBeInTheDocument());
  },
};

/** On its way, or not to be had: the hash is shown in its place, in its shape. */
export const PlaceholderOnly: Story = {
  args: { src: REFUSED, width: 320, height: 200 },
  play: async ({ canvasElement }) => {
    await waitFor(() => expect(placeholder(canvasElement)).toHaveAttribute("src", expect.stringMatching(/^data:image\/png/)));
    const { width, height } = canvasElement.querySelector("span")?.getBoundingClientRect() ?? new DOMRect();
    await expect(width / height).toBeCloseTo(1.6, 1);
  },
};

export const NoPlaceholder: Story = { args: { src: REFUSED, placeholder: null } };

/** A signed address ran out: the other one is asked for, once. */
export const FallsBack: Story = {
  args: { src: REFUSED, fallbackSrc: drawing(320, 320) },
  play: async ({ canvasElement }) => {
    const image = within(canvasElement).getByRole<HTMLImageElement>("img", { name: "a yellow umbrella" });
    await waitFor(() => expect(image.naturalWidth).toBe(320));
    await waitFor(() => expect(placeholder(canvasElement)).not.toBeInTheDocument());
  },
};

export const Wide: Story = { args: { src: drawing(480, 160), width: 480, height: 160 } };

export const Tall: Story = { args: { src: drawing(160, 320), width: 160, height: 320 } };
