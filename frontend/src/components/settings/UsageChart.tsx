"use client";

import { useQuery } from "@tanstack/react-query";
import { DayChart } from "@/components/ui/DayChart";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { usageQuery } from "@/lib/queries/organization";
import { usedDays } from "@/lib/usageDays";

export function UsageChart() {
  const text = useText("settings");
  const formats = useFormats();
  const { data, error } = useQuery(usageQuery(false));
  if (error) return <ProblemNotice error={error} />;
  if (!data) return <Skeleton className="h-42" />;
  if (data.items.length === 0) return <p className="text-[15px] text-muted">{text("usageNone")}</p>;
  const jobs = data.items.reduce((sum, item) => sum + item.jobs, 0);
  const used = data.items.reduce((sum, item) => sum + item.used, 0);
  const days = usedDays(data.first, data.last, data.items).map(({ day, value }) => ({
    day,
    value,
    text: text("usageDay", { day: formats.day(day), used: formats.number(value) }),
  }));
  return (
    <div className="tabular flex flex-col gap-3">
      <DayChart label={text("usageChart")} days={days} ends={[formats.day(data.first), formats.day(data.last)]} />
      <p className="text-[15px]">{text("usageTotal", { used: formats.number(used), jobs })}</p>
      {data.mine.limit === null ? null : (
        <p className="text-sm text-subtle">
          {text("usageMine", { limit: formats.number(data.mine.limit), used: formats.number(data.mine.used) })}
        </p>
      )}
    </div>
  );
}
