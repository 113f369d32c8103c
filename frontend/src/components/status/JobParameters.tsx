"use client";

import { Braces, Terminal } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { useCopy } from "@/hooks/useCopy";
import { useHydrated } from "@/hooks/useHydrated";
import { formatDateTime, formatDuration, formatNumber } from "@/lib/format";
import type { LiveJob } from "@/lib/jobs";
import { asCurl, requestOf } from "@/lib/remix";

function Facts({ title, facts }: { title: string; facts: [string, ReactNode][] }) {
  const known = facts.filter(([, value]) => value !== null && value !== "");
  return (
    <section>
      <h2 className="mb-3 text-sm font-medium">{title}</h2>
      <dl className="tabular flex flex-col gap-2 text-sm">
        {known.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="shrink-0 text-subtle">{name}</dt>
            <dd className="min-w-0 text-right font-mono text-[13px] break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What was asked for, as a list, as JSON and as a command; and how long it took. */
export function JobParameters({ job }: { job: LiveJob }) {
  const copy = useCopy();
  const hydrated = useHydrated();
  const { params } = job;
  const request = requestOf(job);
  return (
    <aside className="flex flex-col gap-8 rounded-3xl border border-border bg-surface p-6 lg:self-start">
      <Facts
        title="Parameters"
        facts={[
          ["Model", params.model],
          ["Size", `${params.width} × ${params.height}`],
          ["Pictures", params.num_images],
          ["Steps", params.steps],
          ["Guidance", params.guidance],
          ["Seed", params.seed],
          ["Without", job.negative_prompt],
        ]}
      />
      <Facts
        title="Timings"
        facts={[
          ["Sent", hydrated ? formatDateTime(job.created_at) : "…"],
          ["Waited", formatDuration(job.created_at, job.started_at)],
          ["Took", formatDuration(job.started_at, job.finished_at)],
          ["Attempts", job.attempt > 1 ? job.attempt : null],
          ["Cost", `${formatNumber(job.cost, 3)} megapixel-steps`],
        ]}
      />
      <div className="flex flex-wrap gap-2">
        <Button size="small" onClick={() => void copy(JSON.stringify(request, null, 2), "Parameters")}>
          <Braces aria-hidden /> Copy JSON
        </Button>
        <Button size="small" onClick={() => void copy(asCurl(request, window.location.origin), "Command")}>
          <Terminal aria-hidden /> Copy curl
        </Button>
      </div>
    </aside>
  );
}
