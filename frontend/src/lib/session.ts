import { CSRF_COOKIE, CSRF_HEADER, REFRESH_PATH } from "./constants";

const LOCK = "easel-session-refresh";
const REFRESHED_AT = "easel:session-refreshed-at";

type Listener = () => void;
const lostListeners = new Set<Listener>();
let inFlight: Promise<boolean> | null = null;

/** Called when the session is over and only signing in again helps. */
export function onSessionLost(listener: Listener): () => void {
  lostListeners.add(listener);
  return () => lostListeners.delete(listener);
}

export function csrfToken(cookies = document.cookie): string | null {
  for (const pair of cookies.split("; ")) {
    const [name, ...value] = pair.split("=");
    if (name?.endsWith(CSRF_COOKIE)) return decodeURIComponent(value.join("="));
  }
  return null;
}

/** Without it there is nothing to refresh: the visitor never signed in here, or signed out. */
export function hasSession(): boolean {
  return csrfToken() !== null;
}

function lastRefresh(): number {
  try {
    return Number(localStorage.getItem(REFRESHED_AT) ?? 0);
  } catch {
    return 0;
  }
}

function rememberRefresh(): void {
  try {
    localStorage.setItem(REFRESHED_AT, String(Date.now()));
  } catch {
    // Storage may be blocked; then each tab refreshes for itself.
  }
}

async function askForNewTokens(): Promise<boolean> {
  const response = await fetch(REFRESH_PATH, {
    method: "POST",
    headers: { [CSRF_HEADER]: csrfToken() ?? "" },
    credentials: "same-origin",
  });
  if (response.ok) {
    rememberRefresh();
    return true;
  }
  if (response.status === 401 || response.status === 403) {
    for (const listener of lostListeners) listener();
  }
  return false;
}

/**
 * A refresh token used twice ends the whole session, so only one request may use it: one per tab by `inFlight`, and one
 * per browser by a Web Lock. A tab that waited for the lock finds the work done and returns.
 */
async function refreshOnce(asked: number): Promise<boolean> {
  // Web Locks need a secure context; on plain HTTP in a local network each tab is on its own.
  if (!("locks" in navigator)) return askForNewTokens();
  return navigator.locks.request(LOCK, () => (lastRefresh() >= asked ? true : askForNewTokens()));
}

/** @returns whether the session lives: `true` means that the request which got a 401 is worth repeating. */
export function refreshSession(asked = Date.now()): Promise<boolean> {
  inFlight ??= refreshOnce(asked)
    .catch(() => false)
    .finally(() => {
      inFlight = null;
    });
  return inFlight;
}
