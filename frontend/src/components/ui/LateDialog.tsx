"use client";

import { lazy, Suspense } from "react";
import { useLast } from "@/hooks/useLast";
import type { DialogProps } from "./Dialog";

const Dialog = lazy(() => import("./Dialog").then((module) => ({ default: module.Dialog })));

/** A dialog whose machinery (25 kB of focus and layers) is fetched when it opens for the first time. */
export function LateDialog(props: DialogProps) {
  const wasOpen = useLast(props.open || undefined) ?? false;
  if (!wasOpen) return null;
  return (
    <Suspense>
      <Dialog {...props} />
    </Suspense>
  );
}
