"use client";

import { Keyboard, LogOut, Monitor, Moon, Settings, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { Menu } from "@/components/ui/Menu";
import { useAuth } from "@/hooks/useAuth";
import { useMe } from "@/hooks/useMe";
import { showProblem } from "@/lib/toasts";
import { openShortcuts } from "./shortcutsDialogState";

const THEMES = [
  { value: "system", label: "System", icon: <Monitor aria-hidden /> },
  { value: "light", label: "Light", icon: <Sun aria-hidden /> },
  { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
];

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

export function UserMenu() {
  const { data: me } = useMe();
  const { signOut } = useAuth();
  const { theme = "system", setTheme } = useTheme();
  const leave = () => void signOut().catch((error: unknown) => showProblem(error, "Signing out failed"));
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          aria-label="Account menu"
          className="grid size-9 place-items-center rounded-full bg-surface-hover text-[13px] font-medium text-foreground transition-colors duration-150 hover:bg-border"
        >
          {me ? initials(me.user.name) : ""}
        </button>
      }
      entries={[
        ...(me ? [{ type: "note", title: me.user.name, text: me.user.email } as const, { type: "separator" } as const] : []),
        { type: "link", label: "Settings", icon: <Settings aria-hidden />, href: "/settings" },
        { type: "item", label: "Keyboard shortcuts", icon: <Keyboard aria-hidden />, onSelect: openShortcuts },
        { type: "separator" },
        { type: "choices", label: "Appearance", value: theme, onValue: setTheme, choices: THEMES },
        { type: "separator" },
        { type: "item", label: "Sign out", icon: <LogOut aria-hidden />, onSelect: leave },
      ]}
    />
  );
}
