import { useSyncExternalStore } from "react";

const CHANGED = "easel:preference";

function subscribe(listener: () => void): () => void {
  window.addEventListener("storage", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("storage", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** A yes or no that this browser remembers. */
export function usePreference(name: string, initial: boolean): [boolean, (value: boolean) => void] {
  const key = `easel:${name}`;
  const stored = useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(key),
    () => null,
  );
  const set = (value: boolean) => {
    localStorage.setItem(key, String(value));
    window.dispatchEvent(new Event(CHANGED));
  };
  return [stored === null ? initial : stored === "true", set];
}
