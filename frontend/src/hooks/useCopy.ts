import { showDone, showProblem } from "@/lib/toasts";

/** Copies text; the clipboard is missing on plain HTTP in a local network, and then says so. */
export function useCopy(): (text: string, what: string) => Promise<void> {
  return async (text, what) => {
    try {
      await navigator.clipboard.writeText(text);
      showDone(`${what} copied`);
    } catch (error) {
      showProblem(error, `${what} could not be copied`);
    }
  };
}
