"use client";

import { useQuery } from "@tanstack/react-query";
import { Badge } from "@/components/ui/Badge";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useText } from "@/hooks/useText";
import { workersQuery } from "@/lib/queries/organization";

const STATES = { starting: "stateStarting", loading: "stateLoading", idle: "stateIdle", busy: "stateBusy" } as const;

export function Workers() {
  const text = useText("admin");
  const { data: items, error } = useQuery(workersQuery());
  if (error) return <ProblemNotice error={error} />;
  if (!items) return <Skeleton className="h-16" />;
  if (items.length === 0) return <p className="text-[15px] text-muted">{text("noWorkers")}</p>;
  const stateText = (state: string) => (state in STATES ? text(STATES[state as keyof typeof STATES]) : state);
  return (
    <ul className="flex flex-col">
      {items.map(({ name, device, state, loaded_models: models }) => (
        <li key={name} className="flex flex-wrap items-baseline gap-x-4 border-b border-border py-3 first:pt-0 last:border-b-0">
          <p className="min-w-0 flex-1 basis-48 truncate font-mono text-sm">{name}</p>
          <Badge look={state === "busy" ? "accent" : "quiet"}>{stateText(state)}</Badge>
          <p className="w-full text-sm text-subtle">
            {models.length > 0 ? text("workerHolds", { device, models: models.join(", ") }) : text("workerEmpty", { device })}
          </p>
        </li>
      ))}
    </ul>
  );
}
