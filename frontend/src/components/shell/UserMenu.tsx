"use client";

import { lazy } from "react";
import { LateMenu } from "@/components/ui/LateMenu";
import { useMe } from "@/hooks/useMe";
import { useText } from "@/hooks/useText";

const loadMenu = () => import("./AccountMenu").then(({ AccountMenu }) => ({ default: AccountMenu }));
const LazyMenu = lazy(loadMenu);

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

export function UserMenu() {
  const text = useText("shell");
  const { data: me } = useMe();
  const button = (
    <button
      type="button"
      aria-label={text("accountMenu")}
      className="grid size-9 shrink-0 place-items-center rounded-full bg-surface-hover text-[13px] font-medium text-foreground transition-colors duration-150 hover:bg-border"
    >
      {me ? initials(me.user.name) : ""}
    </button>
  );
  return <LateMenu trigger={button} load={loadMenu} menu={<LazyMenu trigger={button} />} />;
}
