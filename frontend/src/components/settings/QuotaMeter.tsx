"use client";

import { useFormats } from "@/hooks/useFormats";
import { useHydrated } from "@/hooks/useHydrated";
import { useText } from "@/hooks/useText";
import type { Me } from "@/lib/contract";

export function QuotaMeter({ quota }: { quota: Me["quota"] }) {
  const text = useText("settings");
  const formats = useFormats();
  const hydrated = useHydrated();
  const resets = hydrated ? formats.dateTime(quota.resets_at) : "…";
  if (quota.limit === null) {
    return (
      <p className="tabular text-[15px]">
        {text("quotaUnlimited", { used: formats.number(quota.used) })}
        <span className="block text-sm text-subtle">{text("quotaCountsFrom", { date: resets })}</span>
      </p>
    );
  }
  const share = quota.limit > 0 ? Math.min(quota.used / quota.limit, 1) : 1;
  return (
    <div className="tabular flex flex-col gap-2.5">
      <p className="text-[15px]">
        {text("quotaUsed", { used: formats.number(quota.used), limit: formats.number(quota.limit) })}
      </p>
      <div
        role="meter"
        aria-label={text("quotaMeter")}
        aria-valuemin={0}
        aria-valuemax={quota.limit}
        aria-valuenow={Math.min(quota.used, quota.limit)}
        className="h-2 overflow-hidden rounded-full bg-surface-hover"
      >
        <div className="h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
      </div>
      <p className="text-sm text-subtle">{text("quotaResets", { date: resets })}</p>
    </div>
  );
}
