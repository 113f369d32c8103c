import type { Remix } from "./remix";

/*
 * Easel, like half the field's tools, writes what made a picture into a PNG text chunk `parameters`:
 *
 *     a red rocket
 *     Negative prompt: blurry
 *     Steps: 20, Sampler: DDIM, CFG scale: 4.0, Seed: 7, Size: 64x64, Model: easel-small, Version: Easel 0.1.0
 *
 * The file comes from anywhere. So only its beginning is read, nothing is decompressed, and every number is checked.
 */
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Text stands before the pixels; whoever writes more than this before them is not telling parameters. */
const BYTES_READ = 256 * 1_024;
const LONGEST_TEXT = 64 * 1_024;
const CHUNK_FRAME = 12;
const KEYWORD = "parameters";
const NEGATIVE = "Negative prompt: ";

/** The `parameters` text of a PNG's first bytes, or null. */
export function parametersText(bytes: Uint8Array<ArrayBuffer>): string | null {
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = SIGNATURE.length;
  while (at + CHUNK_FRAME <= bytes.length) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === "IDAT" || kind === "IEND" || at + CHUNK_FRAME + length > bytes.length) return null;
    if (length <= LONGEST_TEXT) {
      const text = textOf(kind, bytes.subarray(at + 8, at + 8 + length));
      if (text !== null) return text;
    }
    at += CHUNK_FRAME + length;
  }
  return null;
}

function textOf(kind: string, data: Uint8Array<ArrayBuffer>): string | null {
  const end = data.indexOf(0);
  if (end < 0 || new TextDecoder("latin1").decode(data.subarray(0, end)) !== KEYWORD) return null;
  if (kind === "tEXt") return new TextDecoder("latin1").decode(data.subarray(end + 1));
  // iTXt: keyword 0, compressed?, method, language 0, translated keyword 0, text.
  if (kind !== "iTXt" || data[end + 1] !== 0) return null;
  const language = data.indexOf(0, end + 3);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  return translated < 0 ? null : new TextDecoder().decode(data.subarray(translated + 1));
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value.trim();
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** What can be used again of a `parameters` text; null when its last line names no steps. */
export function parseParameters(text: string): Remix | null {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  const items = new Map<string, string>();
  for (const [, key = "", value = ""] of last.matchAll(/\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/g)) items.set(key, unquoted(value));
  if (!items.has("Steps")) return null;
  const counted = Number(items.get("Prompt lines") ?? Number.NaN);
  const negativeAt = Number.isInteger(counted) && counted > 0 ? counted : lines.findIndex((line) => line.startsWith(NEGATIVE));
  const end = negativeAt < 0 ? lines.length : negativeAt;
  const negative = lines.slice(end).join("\n");
  const size = /^(\d{1,5})x(\d{1,5})$/.exec(items.get("Size") ?? "");
  const number = (value: string | undefined) => (value?.trim() && Number.isFinite(Number(value)) ? Number(value) : undefined);
  const remix: Remix = {
    prompt: lines.slice(0, end).join("\n"),
    negative_prompt: negative.startsWith(NEGATIVE) ? negative.slice(NEGATIVE.length) : undefined,
    model: items.get("Model"),
    width: number(size?.[1]),
    height: number(size?.[2]),
    steps: number(items.get("Steps")),
    guidance: number(items.get("CFG scale")),
    seed: number(items.get("Seed")),
  };
  return remix;
}

/** What made this picture, or null when the file does not tell. */
export async function readParameters(file: Blob): Promise<Remix | null> {
  const bytes = new Uint8Array(await file.slice(0, BYTES_READ).arrayBuffer());
  const text = parametersText(bytes);
  return text === null ? null : parseParameters(text);
}
