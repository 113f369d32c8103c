import { useCallback } from "react";
import { goTo } from "@/lib/organizationCalls";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

/** Goes on in another organisation, on a page loaded anew: nothing of the former one stays in memory. */
export function useSwitchTo(): (organizationId: string, path?: string) => void {
  const text = useText("shell");
  const toasts = useToasts();
  return useCallback(
    (organizationId, path = "/") => {
      goTo(organizationId).then(
        () => window.location.assign(path),
        (error: unknown) => toasts.problem(error, text("switchFailed")),
      );
    },
    [text, toasts],
  );
}
