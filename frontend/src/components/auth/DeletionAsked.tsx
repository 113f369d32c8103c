"use client";

import { useFormats } from "@/hooks/useFormats";
import { useHydrated } from "@/hooks/useHydrated";
import { useText } from "@/hooks/useText";

/** Where somebody lands who has just asked to delete their account. */
export function DeletionAsked({ due }: { due: string }) {
  const text = useText("account");
  const formats = useFormats();
  const hydrated = useHydrated();
  if (Number.isNaN(Date.parse(due))) return null;
  return (
    <p role="status" className="mb-6 rounded-2xl bg-surface-sunken p-4 text-sm leading-relaxed">
      {text("deletionAsked", { date: hydrated ? formats.dateTime(due) : "…" })}
    </p>
  );
}
