const EVENT = "easel:open-shortcuts";

export function openShortcuts(): void {
  window.dispatchEvent(new Event(EVENT));
}

export function onOpenShortcuts(listener: () => void): () => void {
  window.addEventListener(EVENT, listener);
  return () => window.removeEventListener(EVENT, listener);
}
