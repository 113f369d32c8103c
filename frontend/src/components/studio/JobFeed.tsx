"use client";

import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useEndReached } from "@/hooks/useEndReached";
import type { useJobFeed } from "@/hooks/useJobFeed";
import { JobCard } from "./JobCard";

export function JobFeed({ feed }: { feed: ReturnType<typeof useJobFeed> }) {
  const end = useEndReached(() => void feed.fetchNextPage(), feed.hasNextPage && !feed.isFetchingNextPage);
  if (feed.isPending) return <FeedSkeleton />;
  return (
    <section aria-label="Your jobs" className="flex flex-col">
      {feed.isError ? (
        <ProblemNotice
          error={feed.error}
          advice="Your jobs are safe; only this list could not be loaded."
          action={
            <Button size="small" onClick={() => void feed.refetch()}>
              Load again
            </Button>
          }
        />
      ) : null}
      <ul className="flex flex-col divide-y divide-border">
        {feed.jobIds.map((jobId, index) => (
          <li key={jobId} className="py-6 first:pt-2">
            <JobCard jobId={jobId} eager={index < 2} />
          </li>
        ))}
      </ul>
      <div ref={end} />
      {feed.isFetchingNextPage ? <p className="py-6 text-center text-sm text-subtle">Loading older jobs…</p> : null}
    </section>
  );
}

export function FeedSkeleton() {
  return (
    <div aria-busy aria-label="Loading your jobs" role="status" className="flex flex-col gap-12 pt-2">
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
