"use client";

import { Dialog } from "@/components/ui/Dialog";
import { Kbd } from "@/components/ui/Kbd";

const LIST: { keys: string[]; does: string }[] = [
  { keys: ["/"], does: "Write a prompt" },
  { keys: ["g", "g"], does: "Gallery" },
  { keys: ["g", "s"], does: "Studio" },
  { keys: ["Enter"], does: "Send the prompt" },
  { keys: ["Shift", "Enter"], does: "New line in the prompt" },
  { keys: ["←", "→"], does: "Previous, next picture" },
  { keys: ["f"], does: "Favourite the open picture" },
  { keys: ["r"], does: "Remix the open picture" },
  { keys: ["Esc"], does: "Close" },
  { keys: ["?"], does: "This list" },
];

export interface ShortcutsDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Whether single keys work at all (WCAG 2.1.4 wants a way to turn them off). */
  enabled: boolean;
  onEnabled: (enabled: boolean) => void;
}

export function ShortcutsDialog({ open, onOpenChange, enabled, onEnabled }: ShortcutsDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts">
      <dl className="flex flex-col gap-2.5">
        {LIST.map(({ keys, does }) => (
          <div key={does} className="flex items-center justify-between gap-4 text-sm">
            <dt className="text-muted">{does}</dt>
            <dd className="flex gap-1">
              {keys.map((key, index) => (
                <Kbd key={index}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <label className="mt-5 flex min-h-6 items-center gap-2.5 border-t border-border pt-4 text-sm">
        <input
          type="checkbox"
          checked={enabled}
          onChange={(event) => onEnabled(event.target.checked)}
          className="size-4 accent-accent"
        />
        Single-key shortcuts are on
      </label>
    </Dialog>
  );
}
