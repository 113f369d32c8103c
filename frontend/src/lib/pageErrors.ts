import { API_V1 } from "./constants";

const MOST_REPORTS = 5;
const LONGEST_MESSAGE = 500;
const LONGEST_STACK = 4_000;
const told = new Map<string, Promise<string | null>>();

async function send(error: Error & { digest?: string }, path: string): Promise<string | null> {
  try {
    const response = await fetch(`${API_V1}/page-errors`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        message: `${error.name}: ${error.message}`.slice(0, LONGEST_MESSAGE),
        path,
        digest: error.digest,
        stack: error.stack?.slice(0, LONGEST_STACK),
      }),
      keepalive: true,
    });
    return response.ok ? ((await response.json()) as { trace_id: string }).trace_id : null;
  } catch {
    // The server can't be reached: the page says so in its own ways.
    return null;
  }
}

/** Tells the server of a fault of this page, once. @returns the trace that finds it in the log, if it could be told. */
export function reportPageError(error: Error & { digest?: string }): Promise<string | null> {
  // Without the query, which may hold a prompt.
  const path = window.location.pathname.slice(0, 300);
  const key = `${path} ${error.digest ?? error.message}`;
  const known = told.get(key);
  if (known) return known;
  if (told.size >= MOST_REPORTS) return Promise.resolve(null);
  const report = send(error, path);
  told.set(key, report);
  return report;
}
