"use client";

import { RotateCcw, Wand2, X } from "lucide-react";
import Link from "next/link";
import { Button, buttonStyle } from "@/components/ui/Button";
import { useCancelJob, useRetryJob } from "@/hooks/useJobActions";
import { useText } from "@/hooks/useText";
import type { Job } from "@/lib/contract";
import { isOptimistic, isTerminal, type LiveJob } from "@/lib/jobs";
import { remixHref } from "@/lib/remix";

export interface JobActionsProps {
  job: LiveJob;
  onRetried?: (job: Job) => void;
}

export function JobActions({ job, onRetried }: JobActionsProps) {
  const text = useText("jobs");
  const cancel = useCancelJob(job.job_id);
  const retry = useRetryJob(job.job_id);
  if (isOptimistic(job.job_id)) return null;
  // A running job ends a moment after it was told to.
  const canceling = cancel.isPending || cancel.isSuccess;
  const failed = job.status === "FAILED" || job.status === "CANCELED";
  return (
    <div className="flex flex-wrap gap-1.5">
      {isTerminal(job) ? null : (
        <Button size="small" onClick={() => cancel.mutate()} disabled={canceling}>
          <X aria-hidden /> {canceling ? text("canceling") : text("cancel")}
        </Button>
      )}
      {failed ? (
        <Button
          size="small"
          look="accent"
          disabled={retry.isPending}
          onClick={() => retry.mutate(undefined, { onSuccess: (fresh) => onRetried?.(fresh) })}
        >
          <RotateCcw aria-hidden /> {retry.isPending ? text("sending") : text("tryAgain")}
        </Button>
      ) : null}
      {isTerminal(job) ? (
        <Link
          href={remixHref({ prompt: job.prompt, negative_prompt: job.negative_prompt, ...job.params })}
          className={buttonStyle({ size: "small", look: "outline" })}
        >
          <Wand2 aria-hidden /> {text("remix")}
        </Link>
      ) : null}
    </div>
  );
}
