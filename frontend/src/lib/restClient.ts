import type { Client } from "@/types/client";
import { toProblem } from "./problem";

export type ApiClient = Client;

type Value = string | number | boolean | null | undefined;

interface Call {
  url: string;
  path?: Record<string, Value>;
  query?: Record<string, Value | readonly Value[]>;
  body?: unknown;
  headers?: HeadersInit;
  signal?: AbortSignal | null;
  throwOnError?: boolean;
}

export interface RestClientOptions {
  /** Sends each request; what it rejects with becomes a problem. */
  fetch: (request: Request) => Promise<Response>;
  /** None: the page's own origin. */
  baseUrl?: string;
  headers?: Record<string, string>;
}

function address({ url, path = {}, query = {} }: Call): string {
  const filled = url.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== null && one !== undefined) search.append(name, String(one));
  }
  const asked = search.toString();
  return asked ? `${filled}?${asked}` : filled;
}

/** What was answered: JSON, or its text where it is not; nothing at all is an empty object. */
async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return text;
  }
}

/**
 * What the generated calls (types/sdk) go through. Their generator's own client also streams, sends forms and signs in by
 * header; none of that is used here, and all of it would be in the first script of every page.
 */
export function makeRestClient({ fetch, baseUrl = "", headers = {} }: RestClientOptions): ApiClient {
  const ask = async (method: string, call: Call) => {
    const all = new Headers(headers);
    new Headers(call.headers).forEach((value, name) => all.set(name, value));
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const response = await fetch(new Request(baseUrl + address(call), { method, headers: all, body, signal: call.signal ?? null }));
    return { data: await read(response), response };
  };
  const request = async (method: string, call: Call) => {
    const failed = (error: unknown, response?: Response) => {
      const problem = toProblem(error, response);
      if (call.throwOnError) throw problem;
      return { error: problem, response };
    };
    const answer = await ask(method, call).catch((error: unknown) => ({ error }));
    if ("error" in answer) return failed(answer.error);
    return answer.response.ok ? answer : failed(answer.data, answer.response);
  };
  const by = (method: string) => (call: Call) => request(method, call);
  const methods = { get: by("GET"), post: by("POST"), put: by("PUT"), patch: by("PATCH"), delete: by("DELETE") };
  // The methods above are all that a generated call uses of it.
  return methods as unknown as ApiClient;
}
