"use client";

import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useProblemText } from "@/hooks/useProblemText";
import { useText } from "@/hooks/useText";
import { ApiProblem } from "@/lib/problem";

export interface ProblemNoticeProps {
  error: unknown;
  /** What was kept, or what to do. */
  advice?: ReactNode;
  action?: ReactNode;
}

/** What happened, what to do, and the id that finds it in the log. */
export function ProblemNotice({ error, advice, action }: ProblemNoticeProps) {
  const text = useText("common");
  const tell = useProblemText();
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <div role="alert" className="flex gap-3 rounded-2xl bg-danger-soft p-4 text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-4.5 shrink-0 text-danger" />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium break-words">{tell(error)}</p>
        {advice ? <p className="text-muted">{advice}</p> : null}
        {problem?.retryAfterSeconds ? <p className="text-muted">{text("retryIn", { seconds: problem.retryAfterSeconds })}</p> : null}
        {problem?.traceId ? (
          <p className="font-mono text-xs break-all text-muted">
            {text("trace")} <span className="select-all">{problem.traceId}</span>
          </p>
        ) : null}
        {action ? <div className="mt-2">{action}</div> : null}
      </div>
    </div>
  );
}
