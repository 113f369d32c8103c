"use client";

import { lazy, Suspense } from "react";
import { useHydrated } from "@/hooks/useHydrated";
import { useLast } from "@/hooks/useLast";
import type { LightboxProps } from "./Lightbox";

const Loaded = lazy(() => import("./Lightbox").then(({ Lightbox }) => ({ default: Lightbox })));

/** The lightbox, fetched when the first picture is opened. */
export function LazyLightbox(props: LightboxProps) {
  const wanted = useLast(props.picture) !== undefined;
  const hydrated = useHydrated();
  if (!wanted || !hydrated) return null;
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  );
}
