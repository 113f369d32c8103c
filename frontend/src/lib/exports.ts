import type { Export } from "./contract";

/** Whether an archive is made, or will never be. */
export function isOver(status: Export["status"]): boolean {
  return status !== "QUEUED" && status !== "RUNNING";
}

/** What is packed as a whole, rather than pictures that somebody chose. */
export type WholeKind = Exclude<Export["kind"], "images">;

/** Of that kind, and still there to be followed or fetched. */
export function isListed(wanted: WholeKind, { kind, status, expires_at }: Pick<Export, "kind" | "status" | "expires_at">, now = Date.now()): boolean {
  if (kind !== wanted || status === "CANCELED") return false;
  return status !== "COMPLETED" || expires_at === null || Date.parse(expires_at) > now;
}
