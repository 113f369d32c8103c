"use client";

import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { useEndReached } from "@/hooks/useEndReached";
import type { useJobFeed } from "@/hooks/useJobFeed";
import { useText } from "@/hooks/useText";
import { FeedSkeleton } from "./FeedSkeleton";
import { JobCard } from "./JobCard";

export function JobFeed({ feed }: { feed: ReturnType<typeof useJobFeed> }) {
  const text = useText("studio");
  const common = useText("common");
  const end = useEndReached(() => void feed.fetchNextPage(), feed.hasNextPage && !feed.isFetchingNextPage);
  if (feed.isPending) return <FeedSkeleton />;
  return (
    <section aria-label={text("yourJobs")} className="flex flex-col">
      {feed.isError ? (
        <ProblemNotice
          error={feed.error}
          advice={text("feedKept")}
          action={
            <Button size="small" onClick={() => void feed.refetch()}>
              {common("loadAgain")}
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
      {feed.isFetchingNextPage ? <p className="py-6 text-center text-sm text-subtle">{text("loadingOlder")}</p> : null}
    </section>
  );
}
