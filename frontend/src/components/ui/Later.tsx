"use client";

import { type ReactNode, Suspense } from "react";
import { useHydrated } from "@/hooks/useHydrated";
import { Skeleton } from "./Skeleton";

export interface LaterProps {
  /** The size of what is on its way. */
  className: string;
  /** Something lazy. */
  children: ReactNode;
}

/**
 * Fetches the script of something once the page around it works. It is not rendered on the server: a button that is seen
 * before its script is there would be pressed in vain.
 */
export function Later({ className, children }: LaterProps) {
  const hydrated = useHydrated();
  const place = <Skeleton className={className} />;
  return hydrated ? <Suspense fallback={place}>{children}</Suspense> : place;
}
