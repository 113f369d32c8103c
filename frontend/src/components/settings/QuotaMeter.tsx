"use client";

import { useHydrated } from "@/hooks/useHydrated";
import type { Me } from "@/lib/contract";
import { formatDateTime, formatNumber } from "@/lib/format";

export function QuotaMeter({ quota }: { quota: Me["quota"] }) {
  const hydrated = useHydrated();
  const resets = hydrated ? formatDateTime(quota.resets_at) : "…";
  if (quota.limit === null) {
    return (
      <p className="tabular text-[15px]">
        {formatNumber(quota.used)} megapixel-steps used, without a limit.
        <span className="block text-sm text-subtle">Counted from zero again on {resets}.</span>
      </p>
    );
  }
  const share = quota.limit > 0 ? Math.min(quota.used / quota.limit, 1) : 1;
  return (
    <div className="tabular flex flex-col gap-2.5">
      <p className="text-[15px]">
        {formatNumber(quota.used)} of {formatNumber(quota.limit)} megapixel-steps used
      </p>
      <div
        role="meter"
        aria-label="Quota used"
        aria-valuemin={0}
        aria-valuemax={quota.limit}
        aria-valuenow={Math.min(quota.used, quota.limit)}
        className="h-2 overflow-hidden rounded-full bg-surface-hover"
      >
        <div className="h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
      </div>
      <p className="text-sm text-subtle">Full again on {resets}.</p>
    </div>
  );
}
