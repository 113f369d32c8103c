import type { OpenWork, Worker } from "./contract";

/** Why work waits, as far as the workers tell it: the message of `admin` that says so; null when nothing waits. */
export function waitingReason({ waiting, running }: Pick<OpenWork, "waiting" | "running">, workers: readonly Pick<Worker, "state">[] | undefined) {
  if (waiting === 0 || !workers) return null;
  if (workers.length === 0) return "whyNoWorker";
  const states = new Set<string>(workers.map(({ state }) => state));
  if (states.has("idle")) return "whySoon";
  if (!states.has("busy")) return "whyLoading";
  return running > 0 ? "whyOwn" : "whyOthers";
}
