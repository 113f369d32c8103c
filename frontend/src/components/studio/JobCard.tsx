"use client";

import { Lock } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { JobActions } from "@/components/jobs/JobActions";
import { JobFailure } from "@/components/jobs/JobFailure";
import { JobLightbox } from "@/components/jobs/JobLightbox";
import { JobPictures } from "@/components/jobs/JobPictures";
import { StatusLoader } from "@/components/jobs/StatusLoader";
import { IconButton } from "@/components/ui/IconButton";
import { useDraft } from "@/hooks/useDraft";
import { useJobStatus } from "@/hooks/useJobStatus";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import { isOptimistic } from "@/lib/jobs";
import { statusPath } from "@/lib/links";

const LARGEST_ALONE = 448;
/** Four of them fill the column. */
const LARGEST_IN_ROW = 208;

/** One job in the feed: pictures first, words beside them. */
export function JobCard({ jobId, eager }: { jobId: string; eager: boolean }) {
  const text = useText("studio");
  const { data: job } = useJobStatus(jobId);
  const change = useDraft((draft) => draft.change);
  const [openId, setOpenId] = useState<string | null>(null);
  if (!job) return null;
  const { params } = job;
  const isBroken = job.status === "FAILED" || job.status === "CANCELED";
  const details = [`${params.width} × ${params.height}`, params.steps > 0 ? text("steps", { n: params.steps }) : null, params.model];
  return (
    <article
      aria-label={job.prompt}
      data-job={job.job_id}
      className="flex flex-wrap gap-x-8 gap-y-4"
    >
      <div className={cn("min-w-0 max-w-full max-sm:w-full", isBroken && "flex-[2_1_20rem]")}>
        {job.status === "FAILED" ? (
          <JobFailure error={job.error} />
        ) : job.status === "CANCELED" ? (
          <p className="grid h-24 place-items-center rounded-card bg-surface-sunken text-sm text-muted">
            {text("canceled")}
          </p>
        ) : (
          <JobPictures
            job={job}
            eager={eager}
            largest={params.num_images > 1 ? LARGEST_IN_ROW : LARGEST_ALONE}
            onOpen={(image) => setOpenId(image.id)}
          />
        )}
      </div>
      <div className="flex min-w-60 flex-[1_1_15rem] flex-col gap-2.5">
        <h2 className="text-[15px] leading-snug font-medium break-words">
          {isOptimistic(jobId) ? (
            job.prompt
          ) : (
            <Link href={statusPath(jobId)} className="underline-offset-4 hover:underline">
              {job.prompt}
            </Link>
          )}
        </h2>
        <StatusLoader job={job} />
        <div className="flex min-w-0 items-center gap-1">
          <p className="tabular truncate font-mono text-xs text-subtle">{details.filter(Boolean).join(" · ")}</p>
          {job.status === "COMPLETED" ? (
            <IconButton
              size="small"
              label={text("keepSeed", { seed: String(params.seed) })}
              onClick={() => change({ seed: params.seed })}
            >
              <Lock aria-hidden />
            </IconButton>
          ) : null}
        </div>
        <JobActions job={job} />
      </div>
      <JobLightbox images={job.images} openId={openId} onOpenId={setOpenId} />
    </article>
  );
}
