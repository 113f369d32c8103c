"use client";

import { Skeleton } from "@/components/ui/Skeleton";
import { useText } from "@/hooks/useText";

/** In a file of its own, as the route's loading state: that is in the script of every page beside it. */
export function JobSkeleton() {
  const text = useText("jobs");
  return (
    <div role="status" aria-label={text("loadingJob")} className="mx-auto grid w-full max-w-6xl gap-12 px-4 pt-10 sm:px-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex flex-col gap-6">
        <Skeleton className="h-8 w-2/3" />
        <Skeleton className="size-64 rounded-card" />
      </div>
      <Skeleton className="h-72" />
    </div>
  );
}
