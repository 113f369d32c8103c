const HOME = "/";
const ORIGIN = "http://easel.invalid";
const SIGNED_OUT_PAGES = ["/login", "/register"];

/** Where to go after signing in: a path on this origin, or home. Anything that a browser could read as another site is refused. */
export function safeNext(next: string | string[] | null | undefined): string {
  if (typeof next !== "string" || !next.startsWith("/")) return HOME;
  // `//host` and `/\host` are other sites to a browser; tabs and newlines are dropped before it looks.
  // eslint-disable-next-line no-control-regex -- these are exactly the characters to refuse
  if (/^\/[/\\]/.test(next) || /[\u0000-\u001f\u007f\\]/.test(next)) return HOME;
  let url: URL;
  try {
    url = new URL(next, ORIGIN);
  } catch {
    return HOME;
  }
  if (url.origin !== ORIGIN) return HOME;
  if (url.pathname.startsWith("//") || url.pathname.startsWith("/api/")) return HOME;
  if (SIGNED_OUT_PAGES.some((page) => url.pathname === page)) return HOME;
  return url.pathname + url.search + url.hash;
}

export function loginPath(next: string): string {
  const target = safeNext(next);
  return target === HOME ? "/login" : `/login?next=${encodeURIComponent(target)}`;
}
