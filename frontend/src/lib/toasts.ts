import type { toast as Toast } from "sonner";
import { UNDO_MS } from "./constants";
import { ApiProblem } from "./problem";

let markReady: () => void = () => undefined;
const toasterReady = new Promise<void>((resolve) => {
  markReady = resolve;
});

/** A toast sent before anyone listens would be lost; the toaster says when it listens. */
export function toasterListens(): void {
  markReady();
}

/** Toasts are rare: their code comes after the page (components/ui/Toaster). */
async function withToast(show: (toast: typeof Toast) => void): Promise<void> {
  const [{ toast }] = await Promise.all([import("sonner"), toasterReady]);
  show(toast);
}

/** An error that no place on the page shows: what happened, and the id that finds it in the log. */
export function showProblem(error: unknown, title: string): void {
  const problem = error instanceof ApiProblem ? error : null;
  const trace = problem?.traceId ? ` (trace ${problem.traceId})` : "";
  const description = `${problem?.message ?? "Something went wrong in this page."}${trace}`;
  void withToast((toast) => toast.error(title, { description }));
}

export function showUndo(message: string, undo: () => void): void {
  void withToast((toast) => toast(message, { duration: UNDO_MS, action: { label: "Undo", onClick: undo } }));
}

export function showDone(message: string): void {
  void withToast((toast) => toast.success(message));
}
