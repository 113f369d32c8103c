"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { useText } from "@/hooks/useText";

/** In a file of its own, as the route's loading state: that is in the script of every page beside it. */
export function FeedSkeleton() {
  const text = useText("studio");
  return (
    <div aria-busy aria-label={text("loadingJobs")} role="status" className="flex flex-col gap-12 pt-2">
      {[0, 1, 2].map((key) => (
        <div key={key} className="flex flex-col gap-x-8 gap-y-4 sm:flex-row">
          <Skeleton className="size-48 rounded-card" />
          <div className="flex w-full flex-col gap-3 sm:w-72">
            <Skeleton className="h-5 w-4/5" />
            <Skeleton className="h-4 w-1/2" />
          </div>
        </div>
      ))}
    </div>
  );
}
