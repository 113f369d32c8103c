"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { ShowMore } from "@/components/ui/ShowMore";
import { Skeleton } from "@/components/ui/Skeleton";
import { useFormats } from "@/hooks/useFormats";
import { useProblemText } from "@/hooks/useProblemText";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { Job } from "@/lib/contract";
import { retryDeadLetter } from "@/lib/organizationCalls";
import { ApiProblem } from "@/lib/problem";
import { deadLettersQuery, queueQuery } from "@/lib/queries/organization";

/** Jobs that nobody tries again by themselves: whoever mended the cause sends them once more. */
export function DeadLetters() {
  const text = useText("admin");
  const letters = useInfiniteQuery(deadLettersQuery());
  const jobs = letters.data?.pages.flatMap((page) => page.items);
  if (letters.error && !jobs) return <ProblemNotice error={letters.error} />;
  if (!jobs) return <Skeleton className="h-16" />;
  if (jobs.length === 0) return <p className="text-[15px] text-muted">{text("noDeadLetters")}</p>;
  return (
    <div className="flex flex-col gap-4">
      <ul className="flex flex-col">
        {jobs.map((job) => (
          <DeadLetter key={job.job_id} job={job} />
        ))}
      </ul>
      <ShowMore {...letters} />
    </div>
  );
}

function DeadLetter({ job }: { job: Job }) {
  const text = useText("admin");
  const formats = useFormats();
  const tell = useProblemText();
  const toasts = useToasts();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const retry = () => {
    setBusy(true);
    retryDeadLetter(job.job_id)
      .then(
        () => toasts.done(text("sentAgain")),
        (problem: unknown) => {
          setBusy(false);
          toasts.problem(problem, text("notSentAgain"));
        },
      )
      .finally(() => {
        void queries.invalidateQueries({ queryKey: deadLettersQuery().queryKey });
        void queries.invalidateQueries({ queryKey: queueQuery().queryKey });
      });
  };
  const { model, width, height, num_images: images } = job.params;
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-border py-3 first:pt-0 last:border-b-0">
      <div className="min-w-0 flex-1 basis-56">
        <p className="line-clamp-2 text-[15px] break-words">
          {job.visibility === "organization" ? (
            <Link href={`/status/${job.job_id}`} prefetch={false} className="underline-offset-4 hover:underline">
              {job.prompt}
            </Link>
          ) : (
            job.prompt
          )}
        </p>
        <p className="mt-0.5 text-sm text-danger">{job.error ? tell(new ApiProblem(job.error, 0)) : text("noReason")}</p>
        <p className="tabular mt-0.5 text-[13px] text-subtle">
          {text("letterFacts", {
            date: formats.dateTime(job.finished_at ?? job.created_at),
            attempts: job.attempt,
            model,
            size: `${width} × ${height}`,
            images,
          })}
        </p>
      </div>
      <Button size="small" disabled={busy} aria-label={text("sendAgainNamed", { prompt: job.prompt.slice(0, 60) })} onClick={retry}>
        {text("sendAgain")}
      </Button>
    </li>
  );
}
