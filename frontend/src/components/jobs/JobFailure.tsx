"use client";

import { useProblemText } from "@/hooks/useProblemText";
import { useText } from "@/hooks/useText";
import type { Job } from "@/lib/contract";
import { ApiProblem } from "@/lib/problem";
import { failureAdvice } from "@/lib/wording";

/** Why a job failed, in plain words, and what to do. */
export function JobFailure({ error }: { error: Job["error"] }) {
  const text = useText("jobs");
  const tell = useProblemText();
  return (
    <div className="rounded-2xl bg-danger-soft p-4 text-sm">
      <p className="font-medium">{error ? tell(new ApiProblem(error, 0)) : text("jobFailed")}</p>
      <p className="mt-1 text-muted">{text(failureAdvice(error?.code))}</p>
    </div>
  );
}
