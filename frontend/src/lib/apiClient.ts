import { CSRF_HEADER, ME_PATH, REFRESH_PATH } from "./constants";
import { makeRestClient } from "./restClient";
import { csrfToken, hasSession, refreshSession } from "./session";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
/** A 401 from these says "wrong password" or "nobody is signed in", not "your access token ran out". */
const SIGN_IN_PATHS = ["/auth/login", "/auth/register", "/auth/config", REFRESH_PATH];

function send(request: Request): Promise<Response> {
  const token = SAFE_METHODS.has(request.method) ? null : csrfToken();
  if (token) request.headers.set(CSRF_HEADER, token);
  return fetch(request);
}

/** `fetch` with the session's rules: CSRF token on unsafe methods; on 401 one refresh, then one more try. */
export async function sessionFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const again = request.clone();
  const asked = Date.now();
  const response = await send(request);
  const renewable = response.status === 401 && hasSession() && !SIGN_IN_PATHS.some((path) => request.url.includes(path));
  if (!renewable) return response;
  return (await refreshSession(asked)) ? send(again) : response;
}

/** The API as seen from a browser; server components make their own client in serverApi.ts. */
export const apiClient = makeRestClient({ fetch: sessionFetch });

/** Whether it makes sense to go on asking: `false` only when the server says that nobody is signed in. */
export async function sessionLives(): Promise<boolean> {
  try {
    return (await sessionFetch(ME_PATH)).status !== 401;
  } catch {
    return true;
  }
}
