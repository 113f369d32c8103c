import type { LiveJob } from "./jobs";
import { isTerminal } from "./jobs";

/** A job shorter than this was watched anyway. */
const LONG_MS = 10_000;
const VISIBLE = "easel-visible";

export const NOTIFY_PREFERENCE = "notify";

export function canNotify(): boolean {
  return "Notification" in globalThis;
}

/** Holds a shared lock while this tab can be seen, so that any tab can tell whether one is. @returns how to stop. */
export function markWhileVisible(): () => void {
  if (!("locks" in navigator)) return () => undefined;
  let release: (() => void) | null = null;
  const leaving = new AbortController();
  const look = () => {
    if (document.hidden) {
      release?.();
      release = null;
    } else if (!release) {
      const seen = new Promise<void>((resolve) => {
        release = resolve;
      });
      navigator.locks.request(VISIBLE, { mode: "shared", signal: leaving.signal }, () => seen).catch(() => undefined);
    }
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    leaving.abort();
    release?.();
  };
}

async function someTabIsSeen(): Promise<boolean> {
  if (!("locks" in navigator)) return !document.hidden;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === VISIBLE);
}

/** Whether this job is worth a notification: long, over, and nobody looks. */
export async function deservesNotification(job: LiveJob): Promise<boolean> {
  if (!isTerminal(job) || job.status === "CANCELED") return false;
  if (Date.parse(job.finished_at ?? "") - Date.parse(job.created_at) < LONG_MS) return false;
  if (localStorage.getItem(`easel:${NOTIFY_PREFERENCE}`) !== "true") return false;
  if (!canNotify() || Notification.permission !== "granted") return false;
  return !(await someTabIsSeen());
}
