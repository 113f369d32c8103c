"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowRight, ChevronRight } from "lucide-react";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { actionText, type Change, changesOf } from "@/lib/auditWords";
import type { AuditEvent } from "@/lib/contract";
import { membersQuery } from "@/lib/queries/organization";
import { browserName } from "@/lib/userAgent";

export function AuditRow({ event }: { event: AuditEvent }) {
  const text = useText("audit");
  const formats = useFormats();
  const whom = useWhom(event);
  const who = event.actor_name ?? text(event.actor_id ? "somebodyGone" : "nobody");
  const changes = changesOf(event, text, formats);
  const where = [event.address ? text("at", { address: event.address }) : null, browserName(event.user_agent)].filter(Boolean);
  return (
    <li className="border-b border-border py-4 last:border-b-0">
      <p className="text-[15px] font-medium break-words">
        {actionText(event.action, text)}
        {whom ? <span className="font-normal text-muted"> · {whom}</span> : null}
      </p>
      <p className="mt-0.5 flex flex-wrap gap-x-2 text-[13px] text-subtle">
        <span>{event.actor_key_id ? text("withKey", { who }) : who}</span>
        <time dateTime={event.at} className="tabular">
          {formats.dateTime(event.at)}
        </time>
        {where.length > 0 ? <span>{where.join(" · ")}</span> : null}
      </p>
      {changes.length > 0 ? (
        <dl className="mt-2 flex flex-col gap-1 text-sm">
          {changes.map((change) => (
            <ChangeRow key={change.field} change={change} />
          ))}
        </dl>
      ) : null}
      <Details event={event} />
    </li>
  );
}

/** Whom it was done to, when that is another member. */
function useWhom({ target, actor_id }: AuditEvent): string | null {
  const { data: members = [] } = useQuery(membersQuery());
  const id = target?.startsWith("user:") ? target.slice("user:".length) : null;
  return id === null || id === actor_id ? null : (members.find((member) => member.id === id)?.name ?? null);
}

function ChangeRow({ change: { label, before, after } }: { change: Change }) {
  const text = useText("audit");
  return (
    <div className="flex flex-wrap gap-x-3">
      <dt className="w-36 shrink-0 text-subtle">{label}</dt>
      <dd className="flex min-w-0 flex-1 basis-40 flex-wrap items-center gap-x-1.5">
        {before !== null ? (
          <del className={after === null ? "break-words" : "break-words text-muted no-underline"}>
            <span className="sr-only">{text("before")} </span>
            {before}
          </del>
        ) : null}
        {before !== null && after !== null ? <ArrowRight aria-hidden className="size-3.5 shrink-0 text-subtle rtl:-scale-x-100" /> : null}
        {after !== null ? (
          <ins className="min-w-0 break-words no-underline">
            <span className="sr-only">{text("after")} </span>
            {after}
          </ins>
        ) : null}
      </dd>
    </div>
  );
}

/** What finds it in the logs. */
function Details({ event }: { event: AuditEvent }) {
  const text = useText("audit");
  const facts = [
    [text("target"), event.target],
    [text("trace"), event.trace_id],
    [text("key"), event.actor_key_id],
    [text("program"), event.user_agent],
    [text("event"), event.id],
  ].filter(([, value]) => value);
  return (
    <details className="group mt-1.5 text-[13px]">
      <summary className="inline-flex min-h-6 cursor-pointer items-center gap-1 text-subtle hover:text-foreground">
        <ChevronRight aria-hidden className="size-3.5 transition-transform duration-150 group-open:rotate-90 rtl:not-group-open:-scale-x-100" />
        {text("details")}
      </summary>
      <dl className="mt-1 flex flex-col gap-1">
        {facts.map(([label, value]) => (
          <div key={label} className="flex flex-wrap gap-x-3">
            <dt className="w-36 shrink-0 text-subtle">{label}</dt>
            <dd className="min-w-0 flex-1 basis-40 font-mono text-xs leading-5 break-all select-all">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
