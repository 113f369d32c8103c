import type { GenerateRequest } from "./contract";

/** What a person can carry from an old picture into a new request, by the address bar. */
export interface Remix {
  prompt?: string;
  negative_prompt?: string;
  model?: string;
  width?: number;
  height?: number;
  steps?: number;
  guidance?: number;
  seed?: number;
  num_images?: number;
}

const TEXT = ["prompt", "negative_prompt", "model"] as const;
const NUMBERS = ["width", "height", "steps", "guidance", "seed", "num_images"] as const;

export function remixHref(from: { [K in keyof Remix]?: Remix[K] | null }): string {
  const params = new URLSearchParams();
  for (const name of [...TEXT, ...NUMBERS]) {
    const value = from[name];
    if (value != null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `/generate?${text}` : "/generate";
}

export function readRemix(source: Record<string, string | string[] | undefined>): Remix {
  const remix: Remix = {};
  for (const name of TEXT) {
    const value = source[name];
    if (typeof value === "string" && value) remix[name] = value;
  }
  for (const name of NUMBERS) {
    const value = source[name];
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
    if (Number.isFinite(number)) remix[name] = number;
  }
  return remix;
}

/** The request that would make this job again, without what is only a default. */
export function requestOf(job: {
  prompt: string;
  negative_prompt?: string | null;
  params: { model: string; width: number; height: number; steps: number; guidance: number; seed?: number | null; num_images: number };
}): GenerateRequest {
  const request: GenerateRequest = { prompt: job.prompt, ...job.params };
  if (job.negative_prompt) request.negative_prompt = job.negative_prompt;
  return request;
}

export function asCurl(request: GenerateRequest, origin: string): string {
  const body = JSON.stringify(request).replaceAll("'", String.raw`'\''`);
  return [
    `curl -X POST '${origin}/api/v1/generate'`,
    "  -H 'Authorization: Bearer '\"$EASEL_TOKEN\"",
    "  -H 'Content-Type: application/json'",
    `  -d '${body}'`,
  ].join(" \\\n");
}
