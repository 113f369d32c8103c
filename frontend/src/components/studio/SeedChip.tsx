"use client";

import { Lock, X } from "lucide-react";
import { useDraft } from "@/hooks/useDraft";
import { useText } from "@/hooks/useText";

/** The seed that the next pictures share with an old one, until it is let go. */
export function SeedChip() {
  const text = useText("studio");
  const seed = useDraft((draft) => draft.seed);
  const change = useDraft((draft) => draft.change);
  if (seed === null) return null;
  return (
    <button
      type="button"
      aria-label={text("releaseSeed", { seed: String(seed) })}
      title={text("releaseSeed", { seed: String(seed) })}
      onClick={() => change({ seed: null })}
      className="tabular inline-flex h-8 min-w-0 items-center gap-1.5 rounded-full bg-accent-soft px-3 text-[13px] text-foreground transition-colors duration-150 hover:bg-surface-hover"
    >
      <Lock aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{seed}</span>
      <X aria-hidden className="size-3.5 shrink-0" />
    </button>
  );
}
