"use client";

import { ProgressBar } from "@/components/ui/ProgressBar";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import type { LiveJob } from "@/lib/jobs";
import { describeJob } from "@/lib/wording";

/** What a job that has not ended is doing: always words, and a bar once there is something to measure. */
export function StatusLoader({ job }: { job: LiveJob }) {
  const text = useText("jobs");
  const formats = useFormats();
  return (
    <div className="flex flex-col gap-2">
      <p className="tabular text-sm text-muted" data-status={job.status}>
        {describeJob(job, text, formats)}
      </p>
      {job.status === "RUNNING" ? <ProgressBar value={job.progress} label={text("progress", { prompt: job.prompt })} /> : null}
    </div>
  );
}
