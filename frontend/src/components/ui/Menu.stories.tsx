import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { LogOut, Settings } from "lucide-react";
import { useState } from "react";
import { expect, fn, screen, userEvent, waitFor, within } from "storybook/test";
import { Button } from "./Button";
import { Menu } from "./Menu";
import type { MenuProps } from "./menuTypes";

const signOut = fn();

const ACCOUNT: MenuProps["entries"] = [
  { type: "note", title: "Ada Lovelace", text: "ada@example.com" },
  { type: "separator" },
  { type: "link", label: "Settings", icon: <Settings aria-hidden />, href: "/settings" },
  { type: "item", label: "Sign out", icon: <LogOut aria-hidden />, onSelect: signOut },
];

const meta = {
  component: Menu,
  args: { trigger: <Button>Account</Button>, entries: ACCOUNT },
  beforeEach: () => void signOut.mockClear(),
} satisfies Meta<typeof Menu>;

export default meta;
type Story = StoryObj<typeof meta>;

async function open(canvasElement: HTMLElement, name: string) {
  await userEvent.click(within(canvasElement).getByRole("button", { name }));
  const menu = await screen.findByRole("menu");
  await waitFor(() => expect(menu).toBeVisible());
  return menu;
}

export const Closed: Story = {
  play: async ({ canvasElement }) => {
    const button = within(canvasElement).getByRole("button", { name: "Account" });
    await expect(button).toHaveAttribute("aria-haspopup", "menu");
    await expect(button).toHaveAttribute("aria-expanded", "false");
  },
};

export const Opened: Story = {
  play: async ({ canvasElement }) => {
    const menu = await open(canvasElement, "Account");
    await expect(within(menu).getAllByRole("menuitem")).toHaveLength(2);
    await expect(within(menu).getByRole("menuitem", { name: "Settings" })).toHaveAttribute("href", "/settings");
  },
};

export const Chosen: Story = {
  play: async ({ canvasElement }) => {
    const menu = await open(canvasElement, "Account");
    await userEvent.click(within(menu).getByRole("menuitem", { name: "Sign out" }));
    await expect(signOut).toHaveBeenCalledOnce();
    await waitFor(() => expect(screen.queryByRole("menu")).not.toBeInTheDocument());
  },
};

/** The arrows walk through it; Escape closes it and gives the focus back. */
export const ByKeyboard: Story = {
  play: async ({ canvasElement }) => {
    const menu = await open(canvasElement, "Account");
    await userEvent.keyboard("{ArrowDown}");
    await waitFor(() => expect(menu).toContainElement(document.activeElement as HTMLElement));
    await userEvent.keyboard("{End}");
    await waitFor(() => expect(within(menu).getByRole("menuitem", { name: "Sign out" })).toHaveFocus());
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menu")).not.toBeInTheDocument());
    await waitFor(() => expect(within(canvasElement).getByRole("button", { name: "Account" })).toHaveFocus());
  },
};

function SizeMenu(props: MenuProps) {
  const [value, setValue] = useState("64");
  const sizes = ["64", "96", "128"].map((size) => ({ value: size, label: `${size} × ${size}`, aside: `${Number(size) / 64} ×` }));
  return (
    <Menu
      {...props}
      trigger={<Button>Size {value}</Button>}
      entries={[{ type: "choices", label: "Size", value, onValue: setValue, choices: sizes }]}
    />
  );
}

export const Choices: Story = {
  render: (args) => <SizeMenu {...args} />,
  play: async ({ canvasElement }) => {
    const menu = await open(canvasElement, "Size 64");
    await expect(within(menu).getByRole("menuitemradio", { name: /^64 × 64/ })).toBeChecked();
    await userEvent.click(within(menu).getByRole("menuitemradio", { name: /^128 × 128/ }));
    await expect(await within(canvasElement).findByRole("button", { name: "Size 128" })).toBeVisible();
  },
};

/** More than the screen holds: it scrolls, and stays on the screen. */
export const Full: Story = {
  args: {
    trigger: <Button>Collections</Button>,
    entries: Array.from({ length: 60 }, (_, index) => ({ type: "item" as const, label: `Collection ${index + 1}`, onSelect: signOut })),
  },
  play: async ({ canvasElement }) => {
    const menu = await open(canvasElement, "Collections");
    await expect(menu.getBoundingClientRect().bottom).toBeLessThanOrEqual(window.innerHeight);
    await expect(menu.scrollHeight).toBeGreaterThan(menu.clientHeight);
    // The menu has the focus from the start; axe counts a scrolling place as reachable once an entry has it.
    await userEvent.keyboard("{End}");
    await waitFor(() => expect(within(menu).getByRole("menuitem", { name: "Collection 60" })).toHaveFocus());
  },
};
