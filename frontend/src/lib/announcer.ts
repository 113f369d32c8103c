type Listener = (message: string) => void;

const listeners = new Set<Listener>();

/** Says something to people who listen rather than look; the one live region is components/shell/Announcer. */
export function announce(message: string): void {
  for (const listener of listeners) listener(message);
}

export function onAnnounce(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
