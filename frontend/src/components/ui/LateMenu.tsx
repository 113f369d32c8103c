"use client";

import { cloneElement, type ReactElement, Suspense, useState } from "react";
import type { MenuProps } from "./menuTypes";

export interface LateMenuProps extends Pick<MenuProps, "trigger"> {
  /** Fetches what `menu` needs; asked for when the button is pointed at or focused. */
  load: () => Promise<unknown>;
  /** What takes the button's place at the first click, open. */
  menu: ReactElement;
}

/** The button of a menu that is not there yet. */
export function LateMenu({ trigger, load, menu }: LateMenuProps) {
  const [opened, setOpened] = useState(false);
  const preload = () => void load();
  const button = cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: preload,
    onFocus: preload,
    onClick: () => setOpened(true),
  });
  if (!opened) return button;
  return <Suspense fallback={button}>{menu}</Suspense>;
}
