"use client";

import { cloneElement, lazy, Suspense, useState } from "react";
import type { MenuProps } from "./menuTypes";

const loadMenu = () => import("./MenuPopup").then(({ MenuPopup }) => ({ default: MenuPopup }));
const LazyMenu = lazy(loadMenu);

/** A menu whose machinery (50 kB of positioning and focus) is fetched when someone reaches for it. */
export function Menu(props: MenuProps) {
  const [opened, setOpened] = useState(false);
  const preload = () => void loadMenu();
  const button = cloneElement(props.trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: preload,
    onFocus: preload,
    onClick: () => setOpened(true),
  });
  if (!opened) return button;
  return (
    <Suspense fallback={button}>
      <LazyMenu {...props} />
    </Suspense>
  );
}
