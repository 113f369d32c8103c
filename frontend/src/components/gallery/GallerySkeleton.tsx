"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { useText } from "@/hooks/useText";

/** In a file of its own, as the route's loading state: that is in the script of every page beside it. */
export function GallerySkeleton() {
  const text = useText("gallery");
  return (
    <div role="status" aria-label={text("loadingPictures")} className="grid grid-cols-2 gap-2 sm:grid-cols-4 sm:gap-3 lg:grid-cols-6">
      {Array.from({ length: 12 }, (_, key) => (
        <Skeleton key={key} className="aspect-square rounded-card" />
      ))}
    </div>
  );
}
