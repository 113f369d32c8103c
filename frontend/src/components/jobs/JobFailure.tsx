import type { Job } from "@/lib/contract";
import { failureAdvice } from "@/lib/wording";

/** Why a job failed, in plain words, and what to do. */
export function JobFailure({ error }: { error: Job["error"] }) {
  return (
    <div className="rounded-2xl bg-danger-soft p-4 text-sm">
      <p className="font-medium">{error?.detail ?? "The job failed."}</p>
      <p className="mt-1 text-muted">{failureAdvice(error?.code)}</p>
    </div>
  );
}
