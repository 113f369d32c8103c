import type { Export } from "./contract";

/** Whether an archive is made, or will never be. */
export function isOver(status: Export["status"]): boolean {
  return status !== "QUEUED" && status !== "RUNNING";
}

/** Of oneself, and still there to be followed or fetched. */
export function isOwnArchive({ kind, status, expires_at }: Pick<Export, "kind" | "status" | "expires_at">, now = Date.now()): boolean {
  if (kind !== "account" || status === "CANCELED") return false;
  return status !== "COMPLETED" || expires_at === null || Date.parse(expires_at) > now;
}
