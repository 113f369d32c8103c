import type { QueryClient } from "@tanstack/react-query";
import type { Job, JobStatus } from "./contract";
import { addToFeed, readJob, writeJob } from "./jobCache";
import { isTerminal, type LiveJob } from "./jobs";
import { imageKeys, meKey } from "./queries/keys";

export const JOB_EVENTS = [
  "job.queued",
  "job.started",
  "job.progress",
  "job.completed",
  "job.failed",
  "job.canceled",
] as const;
export type JobEventType = (typeof JOB_EVENTS)[number];

/** The data of one server-sent event; `job` is the whole job in all but progress events. */
export interface JobEvent {
  job_id: string;
  status: JobStatus;
  progress: number;
  queue_position: number | null;
  eta_seconds: number | null;
  preview: string | null;
  job: Job | null;
}

/** A preview is drawn by this page, so it must be a picture in itself, and not an address to fetch. */
function safePreview(preview: string | null): string | null {
  return preview && /^data:image\/(png|jpeg|webp);base64,/.test(preview) ? preview : null;
}

/**
 * Writes an event into the cache: the only place where the stream meets server data.
 * @returns the job, if the event changed its state and so is worth a word.
 */
export function applyJobEvent(queries: QueryClient, type: JobEventType, event: JobEvent): LiveJob | null {
  const known = readJob(queries, event.job_id);
  const base = event.job ?? known;
  // Progress of a job that no screen has asked for: whoever asks later gets the current state.
  if (!base) return null;
  const job = {
    ...base,
    status: event.status,
    progress: event.progress,
    queue_position: event.queue_position,
    eta_seconds: event.eta_seconds,
    preview: safePreview(event.preview),
  };
  if (type === "job.queued") addToFeed(queries, job);
  const merged = writeJob(queries, job);
  if (isTerminal(merged) && !(known && isTerminal(known))) {
    void queries.invalidateQueries({ queryKey: meKey });
    if (merged.status === "COMPLETED") void queries.invalidateQueries({ queryKey: imageKeys.lists() });
  }
  return known?.status === merged.status ? null : merged;
}
