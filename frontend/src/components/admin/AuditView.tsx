"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { type MouseEvent, useMemo } from "react";
import { buttonStyle } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { ShowMore } from "@/components/ui/ShowMore";
import { Skeleton } from "@/components/ui/Skeleton";
import { useText } from "@/hooks/useText";
import { sessionLives } from "@/lib/apiClient";
import { type AuditFilters, readAuditFilters, writeAuditFilters } from "@/lib/auditFilters";
import { auditExportPath, auditQuery } from "@/lib/queries/audit";
import { AuditFilterForm } from "./AuditFilterForm";
import { AuditRow } from "./AuditRow";

/** Who did what, from where, and what it changed; the filters are in the URL. */
export function AuditView() {
  const text = useText("audit");
  const pathname = usePathname();
  const search = useSearchParams();
  const filters = useMemo(() => readAuditFilters(new URLSearchParams(search)), [search]);
  const events = useInfiniteQuery(auditQuery(filters));
  const items = events.data?.pages.flatMap((page) => page.items);
  // Not router.push: the server has nothing to add to a change of filter.
  const onFilters = (next: AuditFilters) => window.history.replaceState(null, "", pathname + writeAuditFilters(next));
  return (
    <section aria-labelledby="audit-title" className="flex flex-col gap-5 border-t border-border pt-8">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div>
          <h2 id="audit-title" className="font-medium">
            {text("title")}
          </h2>
          <p className="mt-1 text-sm text-subtle">{text("lead")}</p>
        </div>
        <a href={auditExportPath(filters)} download onClick={(event) => void fetchFresh(event)} className={buttonStyle({ size: "small" })}>
          <Download aria-hidden /> {text("download")}
        </a>
      </div>
      <AuditFilterForm filters={filters} onFilters={onFilters} />
      {events.error ? <ProblemNotice error={events.error} /> : null}
      {items?.length === 0 ? <p className="py-4 text-[15px] text-muted">{text(Object.keys(filters).length > 0 ? "noneFound" : "none")}</p> : null}
      {items ? (
        <ol className="flex flex-col">
          {items.map((event) => (
            <AuditRow key={event.id} event={event} />
          ))}
        </ol>
      ) : events.error ? null : (
        <Skeleton className="h-64" />
      )}
      <ShowMore {...events} />
    </section>
  );
}

/** A link sends what cookies there are; after some minutes they have to be renewed first, or it would fetch a refusal. */
async function fetchFresh(event: MouseEvent<HTMLAnchorElement>): Promise<void> {
  event.preventDefault();
  const { href } = event.currentTarget;
  if (await sessionLives()) window.location.assign(href);
}
