import type { Job } from "./contract";
import { type Formats, percent } from "./format";
import { isOptimistic } from "./jobs";
import type { Text, TextKey } from "./text";

type Told = Pick<Job, "job_id" | "status" | "progress" | "queue_position" | "eta_seconds" | "started_at" | "finished_at">;

function queued(job: Told, text: Text<"jobs">, formats: Formats): string {
  if (isOptimistic(job.job_id)) return text("sending");
  const wait = job.eta_seconds == null ? "" : text("about", { time: formats.wait(job.eta_seconds) });
  if (job.queue_position == null) return text("waiting", { wait });
  if (job.queue_position <= 1) return text("next", { wait });
  return text("queued", { position: job.queue_position, wait });
}

function running(job: Told, text: Text<"jobs">, formats: Formats): string {
  if (job.progress <= 0) return text("starting");
  if (job.progress >= 1) return text("storing");
  const left = job.eta_seconds == null ? "" : text("aboutLeft", { time: formats.wait(job.eta_seconds) });
  return text("running", { percent: percent(job.progress), left });
}

/** What is happening, in words: never a spinner alone. */
export function describeJob(job: Told, text: Text<"jobs">, formats: Formats): string {
  switch (job.status) {
    case "QUEUED":
      return queued(job, text, formats);
    case "RUNNING":
      return running(job, text, formats);
    case "COMPLETED": {
      const time = formats.duration(job.started_at, job.finished_at);
      return time ? text("doneIn", { time }) : text("done");
    }
    case "FAILED":
      return text("failed");
    case "CANCELED":
      return text("canceled");
  }
}

/** Shorter, for people who hear it: progress is left out on purpose. */
export function announceJob(job: Job, text: Text<"jobs">): string {
  const what = job.prompt.length > 60 ? `${job.prompt.slice(0, 60)}…` : job.prompt;
  switch (job.status) {
    case "QUEUED":
      return text("announceQueued", { what });
    case "RUNNING":
      return text("announceStarted", { what });
    case "COMPLETED":
      return text("announceCompleted", { what, n: job.images.length });
    case "FAILED":
      return text("announceFailed", { what });
    case "CANCELED":
      return text("announceCanceled", { what });
  }
}

/** The message that tells what a person can do about a failed job. */
export function failureAdvice(code: string | undefined) {
  switch (code) {
    case "out_of_memory":
      return "adviceMemory";
    case "model_unavailable":
    case "model_not_found":
      return "adviceModel";
    case "storage_unavailable":
    case "storage_full":
      return "adviceStorage";
    case "lease_expired":
    case "worker_lost":
      return "adviceWorker";
    default:
      return "adviceDefault" satisfies TextKey<"jobs">;
  }
}
