import "server-only";
import { dehydrate, type DehydratedState, QueryClient } from "@tanstack/react-query";
import { cookies, headers } from "next/headers";
import { getAuthConfig, getMe, openShare, previewInvitation } from "@/types/sdk.gen";
import { ACCESS_COOKIE } from "./constants";
import type { AuthConfig, InvitationPreview, Me, SharedPage } from "./contract";
import { ApiProblem } from "./problem";
import { type ApiClient, makeRestClient } from "./restClient";

/** A first paint must not wait for a slow API: the browser asks again by itself. */
const TIMEOUT_MS = 2_500;

function fetchWithin(input: Request): Promise<Response> {
  return fetch(input, { signal: AbortSignal.timeout(TIMEOUT_MS), cache: "no-store" });
}

/** The API as seen from the server, speaking for the visitor; null when no internal address is set. */
export async function serverClient(): Promise<ApiClient | null> {
  const baseUrl = process.env.EASEL_API_INTERNAL_URL;
  if (!baseUrl) return null;
  const incoming = await headers();
  const forwarded: Record<string, string> = {};
  for (const name of ["cookie", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"]) {
    const value = incoming.get(name);
    if (value) forwarded[name] = value;
  }
  return makeRestClient({ baseUrl, headers: forwarded, fetch: fetchWithin });
}

/** Whether the visitor brings an access token; it may still be refused. */
export async function hasAccessCookie(): Promise<boolean> {
  return (await cookies()).getAll().some((cookie) => cookie.name.endsWith(ACCESS_COOKIE));
}

/** Runs queries on the server for the first paint. Whatever fails here is left out, and asked for by the browser. */
export async function prefetch(
  run: (queries: QueryClient, client: ApiClient) => Promise<unknown>[],
): Promise<DehydratedState> {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const client = (await hasAccessCookie()) ? await serverClient() : null;
  if (client) await Promise.allSettled(run(queries, client));
  return dehydrate(queries);
}

/** Null when the API did not say: then the page shows what is safe in any case. */
export async function readAuthConfig(): Promise<AuthConfig | null> {
  const client = await serverClient();
  if (!client) return null;
  const { data } = await getAuthConfig({ client }).catch(() => ({ data: undefined }));
  return data ?? null;
}

/** Who is asking, or null when nobody is signed in (or it can't be told). */
export async function readMe(): Promise<Me | null> {
  const client = (await hasAccessCookie()) ? await serverClient() : null;
  if (!client) return null;
  const { data } = await getMe({ client }).catch(() => ({ data: undefined }));
  return data ?? null;
}

/** What an invitation is for; "spent" when it opens nothing (any more), null when the API did not say. */
export async function readInvitation(token: string): Promise<InvitationPreview | "spent" | null> {
  const client = await serverClient();
  if (!client) return null;
  try {
    const { data, response } = await previewInvitation({ client, body: { token } });
    if (data) return data;
    return response.status === 404 || response.status === 422 ? "spent" : null;
  } catch {
    return null;
  }
}

/** What a link shows; `away` when it can't be told whether it shows anything. */
export async function readShare(token: string, cursor: string | undefined): Promise<{ page: SharedPage | null; away: boolean }> {
  const client = await serverClient();
  if (!client) return { page: null, away: true };
  const asked = openShare({ client, path: { token }, query: { cursor } });
  const { data, error } = await asked.catch((failure: unknown) => ({ data: undefined, error: failure }));
  const ended = error instanceof ApiProblem && error.status < 500 && error.status !== 429;
  return { page: data ?? null, away: !data && !ended };
}
