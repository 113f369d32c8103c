"use client";

import { lazy, Suspense } from "react";
import { useHydrated } from "@/hooks/useHydrated";

const Toaster = lazy(() => import("@/components/ui/Toaster").then(({ Toaster }) => ({ default: Toaster })));

/** The toaster, once the page itself is there. */
export function LateToaster() {
  const hydrated = useHydrated();
  if (!hydrated) return null;
  return (
    <Suspense>
      <Toaster />
    </Suspense>
  );
}
