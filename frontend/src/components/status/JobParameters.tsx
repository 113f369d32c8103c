"use client";

import { Braces, Terminal } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { useCopy } from "@/hooks/useCopy";
import { useFormats } from "@/hooks/useFormats";
import { useHydrated } from "@/hooks/useHydrated";
import { useText } from "@/hooks/useText";
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
            <dd className="min-w-0 flex-1 text-end font-mono text-[13px] break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What was asked for, as a list, as JSON and as a command; and how long it took. */
export function JobParameters({ job }: { job: LiveJob }) {
  const text = useText("jobs");
  const formats = useFormats();
  const copy = useCopy();
  const hydrated = useHydrated();
  const { params } = job;
  const request = requestOf(job);
  return (
    <aside className="flex flex-col gap-8 rounded-3xl border border-border bg-surface p-6 lg:self-start">
      <Facts
        title={text("parameters")}
        facts={[
          [text("model"), params.model],
          [text("size"), `${params.width} × ${params.height}`],
          [text("pictures"), params.num_images],
          [text("steps"), params.steps],
          [text("guidance"), params.guidance],
          [text("seed"), params.seed],
          [text("without"), job.negative_prompt],
        ]}
      />
      <Facts
        title={text("timings")}
        facts={[
          // In the visitor's time zone, which the server does not know. Not seen, it moves nothing when it comes.
          [text("sent"), hydrated ? formats.dateTime(job.created_at) : <span className="invisible">…</span>],
          [text("waited"), formats.duration(job.created_at, job.started_at)],
          [text("took"), formats.duration(job.started_at, job.finished_at)],
          [text("attempts"), job.attempt > 1 ? job.attempt : null],
          [text("cost"), text("costOf", { cost: formats.number(job.cost, 3) })],
        ]}
      />
      <div className="flex flex-wrap gap-2">
        <Button size="small" onClick={() => void copy(JSON.stringify(request, null, 2), text("parameters"))}>
          <Braces aria-hidden /> {text("copyJson")}
        </Button>
        <Button size="small" onClick={() => void copy(asCurl(request, window.location.origin), text("command"))}>
          <Terminal aria-hidden /> {text("copyCurl")}
        </Button>
      </div>
    </aside>
  );
}
