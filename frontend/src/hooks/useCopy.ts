import { useText } from "./useText";
import { useToasts } from "./useToasts";

/** Copies text; the clipboard is missing on plain HTTP in a local network, and then says so. */
export function useCopy(): (text: string, what: string) => Promise<void> {
  const text = useText("shell");
  const toasts = useToasts();
  return async (copied, what) => {
    try {
      await navigator.clipboard.writeText(copied);
      toasts.done(text("copied", { what }));
    } catch (error) {
      toasts.problem(error, text("copyFailed", { what }));
    }
  };
}
