"use client";

import { Keyboard, LogOut, Monitor, Moon, Settings, Sun, Users } from "lucide-react";
import { useTheme } from "next-themes";
import { MenuPopup } from "@/components/ui/MenuPopup";
import type { MenuProps } from "@/components/ui/menuTypes";
import { useAuth } from "@/hooks/useAuth";
import { useLocale } from "@/hooks/useLocale";
import { useMe } from "@/hooks/useMe";
import { useSwitchTo } from "@/hooks/useSwitchTo";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { LOCALE_NAMES, LOCALES } from "@/lib/locales";
import { openShortcuts } from "./shortcutsDialogState";

const LANGUAGES = LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value], lang: value }));

/** What stands in the account's menu; UserMenu fetches it when someone reaches for it. */
export function AccountMenu({ trigger }: Pick<MenuProps, "trigger">) {
  const text = useText("shell");
  const common = useText("common");
  const toasts = useToasts();
  const [locale, setLocale] = useLocale();
  const { data: me } = useMe();
  const { signOut } = useAuth();
  const { theme = "system", setTheme } = useTheme();
  const organizations = me?.organizations ?? [];
  const manages = me?.organization.role === "owner" || me?.organization.role === "admin";
  const switchTo = useSwitchTo();
  const leave = () => void signOut().catch((error: unknown) => toasts.problem(error, text("signOutFailed")));
  const themes = [
    { value: "system", label: text("themeSystem"), icon: <Monitor aria-hidden /> },
    { value: "light", label: text("themeLight"), icon: <Sun aria-hidden /> },
    { value: "dark", label: text("themeDark"), icon: <Moon aria-hidden /> },
  ];
  return (
    <MenuPopup
      align="end"
      trigger={trigger}
      entries={[
        ...(me ? [{ type: "note", title: me.user.name, text: me.user.email } as const, { type: "separator" } as const] : []),
        ...(me && organizations.length > 1
          ? [
              {
                type: "choices",
                label: text("organisation"),
                value: me.organization.id,
                onValue: (id: string) => id !== me.organization.id && switchTo(id),
                choices: organizations.map(({ id, name }) => ({ value: id, label: name })),
              } as const,
              { type: "separator" } as const,
            ]
          : []),
        ...(manages ? [{ type: "link", label: text("manage"), icon: <Users aria-hidden />, href: "/admin" } as const] : []),
        { type: "link", label: text("settings"), icon: <Settings aria-hidden />, href: "/settings" },
        { type: "item", label: text("keyboardShortcuts"), icon: <Keyboard aria-hidden />, onSelect: openShortcuts },
        { type: "separator" },
        { type: "choices", label: text("appearance"), value: theme, onValue: setTheme, choices: themes },
        { type: "choices", label: common("languageLabel"), value: locale, onValue: setLocale, choices: LANGUAGES },
        { type: "separator" },
        { type: "item", label: text("signOut"), icon: <LogOut aria-hidden />, onSelect: leave },
      ]}
    />
  );
}
