import { thumbHashToDataURL } from "thumbhash";

const made = new Map<string, string | null>();

/** A thumbhash (base64) as a tiny picture to show until the real one is there; null if it is not one. */
export function placeholderUrl(hash: string | null | undefined): string | null {
  if (!hash) return null;
  const known = made.get(hash);
  if (known !== undefined) return known;
  let url: string | null = null;
  try {
    url = thumbHashToDataURL(Uint8Array.from(atob(hash), (character) => character.charCodeAt(0)));
  } catch {
    // A hash of another kind: the plain mat is shown instead.
  }
  made.set(hash, url);
  return url;
}
