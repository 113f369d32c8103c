"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { Button, buttonStyle } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { ProgressBar } from "@/components/ui/ProgressBar";
import { Skeleton } from "@/components/ui/Skeleton";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { cancelExport } from "@/lib/calls";
import type { Export } from "@/lib/contract";
import { isOver, type WholeKind } from "@/lib/exports";
import { archivesQuery } from "@/lib/queries/exports";

export interface ArchivesProps {
  kind: WholeKind;
  what: string;
  /** On the button. */
  action: string;
  ask: () => Promise<void>;
}

/** What is packed as a whole: asked for, followed, fetched. */
export function Archives({ kind, what, action, ask }: ArchivesProps) {
  const text = useText("archives");
  const queries = useQueryClient();
  const { data: archives, error } = useQuery(archivesQuery(kind));
  const [problem, setProblem] = useState<unknown>(null);
  const [asking, setAsking] = useState(false);
  if (error) return <ProblemNotice error={error} />;
  if (!archives) return <Skeleton className="h-16" />;
  const isPacking = archives.some(({ status }) => !isOver(status));
  const pack = () => {
    setAsking(true);
    setProblem(null);
    ask()
      .catch(setProblem)
      .finally(() => {
        setAsking(false);
        void queries.invalidateQueries({ queryKey: archivesQuery(kind).queryKey });
      });
  };
  return (
    <div className="flex flex-col items-start gap-4">
      <p className="text-[15px]">{what}</p>
      {problem ? <ProblemNotice error={problem} /> : null}
      {archives.length > 0 ? (
        <ul className="flex w-full flex-col">
          {archives.map((archive) => (
            <ArchiveRow key={archive.id} kind={kind} archive={archive} />
          ))}
        </ul>
      ) : null}
      <Button disabled={asking || isPacking} onClick={pack}>
        {isPacking ? text("packing") : action}
      </Button>
    </div>
  );
}

function ArchiveRow({ kind, archive }: { kind: WholeKind; archive: Export }) {
  const text = useText("archives");
  const formats = useFormats();
  const toasts = useToasts();
  const queries = useQueryClient();
  const over = isOver(archive.status);
  const words = {
    QUEUED: text("waiting"),
    RUNNING: text("running", { done: archive.done, n: archive.image_count }),
    COMPLETED: text("ready", { size: formats.bytes(archive.size_bytes), n: archive.done - archive.skipped }),
    FAILED: archive.error?.detail ?? text("failed"),
    CANCELED: text("failed"),
  }[archive.status];
  const throwAway = () => {
    cancelExport(archive.id)
      .catch((problem: unknown) => toasts.problem(problem, text("notThrownAway")))
      .finally(() => void queries.invalidateQueries({ queryKey: archivesQuery(kind).queryKey }));
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-border py-3 first:pt-0">
      <div className="min-w-0 flex-1 basis-56">
        <p role="status" className="tabular text-[15px]">
          {words}
        </p>
        {over ? null : (
          <div className="my-2">
            <ProgressBar value={archive.progress} label={text("packing")} />
          </div>
        )}
        <p className="tabular text-[13px] text-subtle">
          {text("askedAt", { date: formats.dateTime(archive.created_at) })}
          {archive.url && archive.expires_at ? ` ${text("goodUntil", { date: formats.dateTime(archive.expires_at) })}` : null}
        </p>
      </div>
      {archive.url ? (
        <a href={archive.url} download className={buttonStyle({ look: "accent", size: "small" })}>
          <Download aria-hidden /> {text("fetch")}
        </a>
      ) : null}
      <Button look="danger" size="small" onClick={throwAway}>
        {text(over ? "throwAway" : "stop")}
      </Button>
    </li>
  );
}
