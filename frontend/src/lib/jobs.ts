import type { GenerateRequest, Job, JobStatus, Model } from "./contract";

/** A job as the studio holds it: what the API says, and the last preview that the event stream brought. */
export interface LiveJob extends Job {
  preview?: string | null;
}

const TERMINAL: ReadonlySet<JobStatus> = new Set(["COMPLETED", "FAILED", "CANCELED"]);
const OPTIMISTIC = "sending-";

export function isTerminal(job: Pick<Job, "status">): boolean {
  return TERMINAL.has(job.status);
}

export function isOptimistic(jobId: string): boolean {
  return jobId.startsWith(OPTIMISTIC);
}

/**
 * Answers and events overtake each other on the way here. A terminal state is final; an older attempt, or less
 * progress within one attempt, is old news.
 */
export function mergeJob(known: LiveJob | undefined, incoming: LiveJob): LiveJob {
  if (!known) return incoming;
  if (isTerminal(known) && !isTerminal(incoming)) return known;
  if (incoming.attempt < known.attempt) return known;
  const sameRun = incoming.attempt === known.attempt && incoming.status === "RUNNING" && known.status === "RUNNING";
  const progress = sameRun ? Math.max(known.progress, incoming.progress) : incoming.progress;
  const preview = incoming.status === "RUNNING" ? (incoming.preview ?? known.preview ?? null) : null;
  return { ...incoming, progress, preview };
}

/** The card that stands in the feed while the request is on its way. */
export function optimisticJob(key: string, request: GenerateRequest, model: Model | undefined): LiveJob {
  return {
    job_id: OPTIMISTIC + key,
    status: "QUEUED",
    progress: 0,
    queue_position: null,
    eta_seconds: null,
    prompt: request.prompt,
    negative_prompt: request.negative_prompt ?? null,
    params: {
      model: request.model ?? model?.id ?? "",
      width: request.width ?? model?.defaults.width ?? 64,
      height: request.height ?? model?.defaults.height ?? 64,
      steps: request.steps ?? model?.defaults.steps ?? 0,
      guidance: request.guidance ?? model?.defaults.guidance ?? 0,
      seed: request.seed ?? 0,
      num_images: request.num_images ?? 1,
    },
    visibility: request.visibility ?? "private",
    images: [],
    image_url: null,
    error: null,
    attempt: 0,
    cost: 0,
    created_at: new Date().toISOString(),
    started_at: null,
    finished_at: null,
  };
}
