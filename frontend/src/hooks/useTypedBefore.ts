import { useEffect, useState } from "react";
import { useHydrated } from "./useHydrated";

function typedInto(id: string): string {
  const field = document.getElementById(id);
  return field instanceof HTMLTextAreaElement ? field.value : "";
}

/**
 * Keeps what somebody typed into text areas that the server rendered, before the script was there whose form would begin
 * with its own values. `keep` gets each after the first render.
 */
export function useTypedBefore<Id extends string>(ids: readonly Id[], keep: (id: Id, value: string) => void): void {
  const hydrated = useHydrated();
  const [typed] = useState(() => (hydrated || typeof document === "undefined" ? [] : ids.map((id) => [id, typedInto(id)] as const)));
  useEffect(() => {
    for (const [id, value] of typed) if (value) keep(id, value);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once: later on the form knows better
  }, []);
}
