"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { JobActions } from "@/components/jobs/JobActions";
import { JobFailure } from "@/components/jobs/JobFailure";
import { JobLightbox } from "@/components/jobs/JobLightbox";
import { JobPictures } from "@/components/jobs/JobPictures";
import { StatusLoader } from "@/components/jobs/StatusLoader";
import { Button, buttonStyle } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { useJobStatus } from "@/hooks/useJobStatus";
import { useText } from "@/hooks/useText";
import { statusPath } from "@/lib/links";
import { ApiProblem } from "@/lib/problem";
import { JobParameters } from "./JobParameters";
import { JobSkeleton } from "./JobSkeleton";

const LARGEST_ALONE = 512;
const LARGEST_AMONG = 320;
const TITLES = {
  QUEUED: "stateWaiting",
  RUNNING: "stateRunning",
  COMPLETED: "stateFinished",
  FAILED: "stateFailed",
  CANCELED: "stateCanceled",
} as const;

export function JobStatusView({ jobId }: { jobId: string }) {
  const text = useText("jobs");
  const router = useRouter();
  const { data: job, error, isPending, refetch } = useJobStatus(jobId);
  const [openId, setOpenId] = useState<string | null>(null);

  if (isPending) return <JobSkeleton />;
  if (!job) return <JobMissing error={error} onRetry={() => void refetch()} />;
  return (
    <div className="mx-auto grid w-full max-w-6xl gap-x-12 gap-y-8 px-4 pt-6 pb-16 sm:px-6 sm:pt-10 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-6">
        <div>
          <p className="text-sm text-subtle">{text(TITLES[job.status])}</p>
          <h1 className="mt-1 text-2xl leading-snug font-semibold tracking-tight break-words whitespace-pre-wrap">{job.prompt}</h1>
        </div>
        <StatusLoader job={job} />
        {job.status === "FAILED" ? <JobFailure error={job.error} /> : null}
        {job.status === "FAILED" || job.status === "CANCELED" ? null : (
          <JobPictures
            job={job}
            eager
            largest={job.params.num_images > 1 ? LARGEST_AMONG : LARGEST_ALONE}
            onOpen={(image) => setOpenId(image.id)}
          />
        )}
        <JobActions job={job} onRetried={(fresh) => router.push(statusPath(fresh.job_id))} />
      </div>
      <JobParameters job={job} />
      <JobLightbox images={job.images} openId={openId} onOpenId={setOpenId} />
    </div>
  );
}

function JobMissing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const text = useText("jobs");
  const common = useText("common");
  if (error instanceof ApiProblem && (error.status === 404 || error.status === 422)) {
    return (
      <EmptyState
        level={1}
        title={text("missing")}
        action={
          <Link href="/" className={buttonStyle()}>
            {common("toTheStudio")}
          </Link>
        }
      >
        {text("missingLead")}
      </EmptyState>
    );
  }
  return (
    <div className="mx-auto w-full max-w-xl px-4 py-16">
      <ProblemNotice
        error={error}
        advice={text("goesOn")}
        action={
          <Button size="small" onClick={onRetry}>
            {common("loadAgain")}
          </Button>
        }
      />
    </div>
  );
}
