"use client";

import { lazy } from "react";
import { LateMenu } from "./LateMenu";
import type { MenuProps } from "./menuTypes";

const loadMenu = () => import("./MenuPopup").then(({ MenuPopup }) => ({ default: MenuPopup }));
const LazyMenu = lazy(loadMenu);

/** A menu whose machinery (50 kB of positioning and focus) is fetched when someone reaches for it. */
export function Menu(props: MenuProps) {
  return <LateMenu trigger={props.trigger} load={loadMenu} menu={<LazyMenu {...props} />} />;
}
