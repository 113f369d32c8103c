import { API_V1, CSRF_HEADER } from "./constants";
import { csrfToken } from "./session";

/**
 * Images that the person deleted and may still take back. Nothing is sent until the time for undo is over, so undo
 * can't fail; a page that closes before that sends what waits.
 */
const waiting = new Map<string, ReturnType<typeof setTimeout>>();

export function isBeingDeleted(imageId: string): boolean {
  return waiting.has(imageId);
}

export function deleteLater(imageId: string, delayMs: number, send: () => void): void {
  waiting.set(
    imageId,
    setTimeout(() => {
      send();
      // Kept a little longer: a list asked for just now may still hold it.
      setTimeout(() => waiting.delete(imageId), delayMs);
    }, delayMs),
  );
}

export function takeBack(imageId: string): void {
  clearTimeout(waiting.get(imageId));
  waiting.delete(imageId);
}

function sendAllNow(): void {
  for (const [imageId, timer] of waiting) {
    clearTimeout(timer);
    void fetch(`${API_V1}/images/${imageId}`, {
      method: "DELETE",
      headers: { [CSRF_HEADER]: csrfToken() ?? "" },
      keepalive: true,
    });
  }
  waiting.clear();
}

if (typeof window !== "undefined") window.addEventListener("pagehide", sendAllNow);
