"use client";

import { Dialog } from "@/components/ui/Dialog";
import { Kbd } from "@/components/ui/Kbd";
import { useText } from "@/hooks/useText";
import type { TextKey } from "@/lib/text";

/** Keys with a name of their own are messages, others are what is printed on them. */
const NAMED = { Enter: "keyEnter", Shift: "keyShift", Esc: "keyEscape" } as const;

const LIST: { keys: string[]; does: Extract<TextKey<"shell">, `does${string}`> }[] = [
  { keys: ["/"], does: "doesPrompt" },
  { keys: ["g", "g"], does: "doesGallery" },
  { keys: ["g", "s"], does: "doesStudio" },
  { keys: ["Enter"], does: "doesSend" },
  { keys: ["Shift", "Enter"], does: "doesBreak" },
  { keys: ["←", "→"], does: "doesStep" },
  { keys: ["f"], does: "doesFavorite" },
  { keys: ["r"], does: "doesRemix" },
  { keys: ["Esc"], does: "doesClose" },
  { keys: ["?"], does: "doesList" },
];

export interface ShortcutsDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Whether single keys work at all (WCAG 2.1.4 wants a way to turn them off). */
  enabled: boolean;
  onEnabled: (enabled: boolean) => void;
}

export function ShortcutsDialog({ open, onOpenChange, enabled, onEnabled }: ShortcutsDialogProps) {
  const text = useText("shell");
  const nameOf = (key: string) => (key in NAMED ? text(NAMED[key as keyof typeof NAMED]) : key);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={text("keyboardShortcuts")}>
      <dl className="flex flex-col gap-2.5">
        {LIST.map(({ keys, does }) => (
          <div key={does} className="flex items-center justify-between gap-4 text-sm">
            <dt className="text-muted">{text(does)}</dt>
            <dd className="flex gap-1">
              {keys.map((key, index) => (
                <Kbd key={index}>{nameOf(key)}</Kbd>
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
        {text("shortcutsOn")}
      </label>
    </Dialog>
  );
}
