import { useSyncExternalStore } from "react";

const subscribe = () => () => undefined;

/** False on the server and in the first render here, so that both say the same. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );
}
