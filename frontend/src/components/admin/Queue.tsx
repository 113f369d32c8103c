"use client";

import { useQuery } from "@tanstack/react-query";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import type { OpenWork } from "@/lib/contract";
import { queueQuery, workersQuery } from "@/lib/queries/organization";
import { waitingReason } from "@/lib/waitingReason";

/** What waits and runs, for whom, and why it waits. */
export function Queue() {
  const text = useText("admin");
  const formats = useFormats();
  const { data: items, error } = useQuery(queueQuery());
  if (error) return <ProblemNotice error={error} />;
  if (!items) return <Skeleton className="h-16" />;
  if (items.length === 0) return <p className="text-[15px] text-muted">{text("queueEmpty")}</p>;
  const sum = (of: (item: OpenWork) => number) => formats.number(items.reduce((total, item) => total + of(item), 0));
  const numbers = [text("waiting"), text("running"), text("oldest")];
  return (
    <div className="flex flex-col gap-4">
      <p className="tabular text-[15px]">
        {text("queueSum", { waiting: sum((item) => item.waiting), running: sum((item) => item.running), cost: sum((item) => item.cost) })}
      </p>
      <table className="tabular w-full text-[15px]">
        <thead className="text-sm text-subtle">
          <tr>
            <th scope="col" className="py-2 text-start font-normal">
              {text("member")}
            </th>
            {numbers.map((label) => (
              <th key={label} scope="col" className="py-2 ps-3 text-end font-normal">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <QueueRow key={`${item.user_id} ${item.model}`} item={item} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function QueueRow({ item }: { item: OpenWork }) {
  const text = useText("admin");
  const formats = useFormats();
  const { data: workers } = useQuery(workersQuery());
  const reason = waitingReason(item, workers);
  return (
    <tr className="border-t border-border align-top">
      <th scope="row" className="max-w-40 py-2 text-start font-normal">
        <span className="block truncate">{item.user_name}</span>
        <span className="block text-sm break-words text-subtle">{text("modelAndCost", { model: item.model, cost: formats.number(item.cost) })}</span>
        {reason ? <span className="block text-sm text-muted">{text(reason)}</span> : null}
      </th>
      <td className="py-2 ps-3 text-end">{formats.number(item.waiting)}</td>
      <td className="py-2 ps-3 text-end">{formats.number(item.running)}</td>
      <td className="py-2 ps-3 text-end">{item.oldest_seconds === null ? text("dash") : formats.wait(item.oldest_seconds)}</td>
    </tr>
  );
}
