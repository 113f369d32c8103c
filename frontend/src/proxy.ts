import { type NextRequest, NextResponse } from "next/server";
import { ACCESS_COOKIE, CSRF_COOKIE } from "@/lib/constants";
import { contentSecurityPolicy, newNonce } from "@/lib/contentSecurityPolicy";
import { loginPath } from "@/lib/safeNext";

/** For whoever has a link, with or without an account. */
const SHARED_PAGES = "/share/";
const PUBLIC_PAGES = new Set(["/login", "/register", "/forgot-password", "/reset-password", "/verify-email", "/restore-account"]);

/**
 * The access cookie lives for minutes, and its refresh is for the browser to do; so the CSRF cookie, which lives as long
 * as the session, is enough to be let in. No data is behind this door: every answer of the API checks for itself.
 */
function looksSignedIn(request: NextRequest): boolean {
  return request.cookies.getAll().some(({ name }) => name.endsWith(ACCESS_COOKIE) || name.endsWith(CSRF_COOKIE));
}

export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const isPublic = PUBLIC_PAGES.has(pathname) || pathname.startsWith("/invite/") || pathname.startsWith(SHARED_PAGES);
  if (!isPublic && !looksSignedIn(request)) {
    return NextResponse.redirect(new URL(loginPath(pathname + search), request.url), 307);
  }
  const nonce = newNonce();
  const policy = contentSecurityPolicy({
    nonce,
    https: request.nextUrl.protocol === "https:" || request.headers.get("x-forwarded-proto") === "https",
    development: process.env.NODE_ENV === "development",
    imageOrigins: process.env.EASEL_IMAGE_ORIGINS ?? "",
  });
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

export const config = {
  // Files with a hash in their name, icons and the manifest are public and carry no script of ours.
  matcher: ["/((?!_next/static|_next/image|api/|v1/|sdapi/|icon\\.svg|icon-\\d+\\.png|apple-icon\\.png|favicon\\.ico|manifest\\.webmanifest|robots\\.txt|healthz|readyz|metrics).*)"],
};
