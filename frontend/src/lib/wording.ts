import type { Job } from "./contract";
import { formatDuration, formatWait, ordinal, percent } from "./format";
import { isOptimistic } from "./jobs";

type Told = Pick<Job, "job_id" | "status" | "progress" | "queue_position" | "eta_seconds" | "started_at" | "finished_at">;

function queued(job: Told): string {
  if (isOptimistic(job.job_id)) return "Sending…";
  const wait = job.eta_seconds == null ? "" : `, about ${formatWait(job.eta_seconds)}`;
  if (job.queue_position == null) return `Waiting for a worker${wait}`;
  if (job.queue_position <= 1) return `Next in the queue${wait}`;
  return `${ordinal(job.queue_position)} in the queue${wait}`;
}

function running(job: Told): string {
  if (job.progress <= 0) return "Starting…";
  if (job.progress >= 1) return "Storing the picture…";
  const left = job.eta_seconds == null ? "" : `, about ${formatWait(job.eta_seconds)} left`;
  return `${percent(job.progress)} % done${left}`;
}

/** What is happening, in words: never a spinner alone. */
export function describeJob(job: Told): string {
  switch (job.status) {
    case "QUEUED":
      return queued(job);
    case "RUNNING":
      return running(job);
    case "COMPLETED": {
      const took = formatDuration(job.started_at, job.finished_at);
      return took ? `Done in ${took}` : "Done";
    }
    case "FAILED":
      return "This did not work";
    case "CANCELED":
      return "Canceled";
  }
}

/** Shorter, for people who hear it: progress is left out on purpose. */
export function announceJob(job: Job): string {
  const what = job.prompt.length > 60 ? `${job.prompt.slice(0, 60)}…` : job.prompt;
  switch (job.status) {
    case "QUEUED":
      return `Queued: ${what}`;
    case "RUNNING":
      return `Started: ${what}`;
    case "COMPLETED":
      return `Finished: ${what}. ${job.images.length === 1 ? "One picture" : `${job.images.length} pictures`}.`;
    case "FAILED":
      return `Failed: ${what}`;
    case "CANCELED":
      return `Canceled: ${what}`;
  }
}

/** What a person can do about a failed job. */
export function failureAdvice(code: string | undefined): string {
  switch (code) {
    case "out_of_memory":
      return "The model ran out of memory. Try a smaller size or fewer pictures.";
    case "model_unavailable":
    case "model_not_found":
      return "The model is not available. Choose another one, or ask whoever runs this studio.";
    case "storage_unavailable":
    case "storage_full":
      return "The pictures could not be stored. Nothing was charged; try again when there is space.";
    case "lease_expired":
    case "worker_lost":
      return "The worker stopped in the middle. Nothing was charged; try again.";
    default:
      return "Your prompt and settings are kept. Try again, or change them with remix.";
  }
}
