import type { toast as Toast } from "sonner";
import { UNDO_MS } from "./constants";

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

export function showProblem(title: string, description: string): void {
  void withToast((toast) => toast.error(title, { description }));
}

export function showUndo(message: string, label: string, undo: () => void): void {
  void withToast((toast) => toast(message, { duration: UNDO_MS, action: { label, onClick: undo } }));
}

export function showDone(message: string): void {
  void withToast((toast) => toast.success(message));
}
