"use client";

import { useQuery } from "@tanstack/react-query";
import { DayChart } from "@/components/ui/DayChart";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { usageQuery } from "@/lib/queries/organization";
import { usedByPerson, usedDays } from "@/lib/usageDays";

export function UsageByPerson() {
  const text = useText("admin");
  const formats = useFormats();
  const { data, error } = useQuery(usageQuery(true));
  if (error) return <ProblemNotice error={error} />;
  if (!data) return <Skeleton className="h-58" />;
  if (data.items.length === 0) return <p className="text-[15px] text-muted">{text("nothingUsed")}</p>;
  const days = usedDays(data.first, data.last, data.items);
  const most = formats.number(Math.max(...days.map(({ value }) => value)));
  return (
    <div className="tabular flex flex-col gap-5">
      <DayChart
        label={text("chart", { days: days.length, most })}
        days={days.map((each) => ({ ...each, text: `${formats.day(each.day)}: ${formats.number(each.value)}` }))}
        ends={[formats.day(data.first), formats.day(data.last)]}
      />
      <table className="w-full text-[15px]">
        <thead className="text-sm text-subtle">
          <tr>
            <th scope="col" className="py-2 text-start font-normal">
              {text("member")}
            </th>
            <th scope="col" className="py-2 text-end font-normal">
              {text("jobs")}
            </th>
            <th scope="col" className="py-2 text-end font-normal">
              {text("used")}
            </th>
          </tr>
        </thead>
        <tbody>
          {usedByPerson(data.items).map(({ userId, name, jobs, used }) => (
            <tr key={userId} className="border-t border-border">
              <th scope="row" className="max-w-40 truncate py-2 text-start font-normal">
                {name}
              </th>
              <td className="py-2 text-end">{formats.number(jobs)}</td>
              <td className="py-2 text-end">{formats.number(used)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
