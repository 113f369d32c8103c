"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { Badge } from "@/components/ui/Badge";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Segments } from "@/components/ui/Segments";
import { ShowMore } from "@/components/ui/ShowMore";
import { Skeleton } from "@/components/ui/Skeleton";
import { useFormats } from "@/hooks/useFormats";
import { useMe } from "@/hooks/useMe";
import { useText } from "@/hooks/useText";
import type { ModerationDecision } from "@/lib/contract";
import { decisionsQuery, TOLD_VERDICTS } from "@/lib/queries/moderation";

const ALL = "all";

/** What was flagged or blocked; which of the two is in the URL. */
export function Decisions() {
  const text = useText("moderation");
  const pathname = usePathname();
  const asked = useSearchParams().get("verdict");
  const verdict = TOLD_VERDICTS.find((each) => each === asked);
  const decisions = useInfiniteQuery(decisionsQuery(verdict));
  const items = decisions.data?.pages.flatMap((page) => page.items);
  const onVerdict = (value: string) => window.history.replaceState(null, "", value === ALL ? pathname : `${pathname}?verdict=${value}`);
  return (
    <div className="flex flex-col items-start gap-5">
      <Segments
        label={text("which")}
        value={verdict ?? ALL}
        onValue={onVerdict}
        choices={[
          { value: ALL, label: text("all") },
          { value: "blocked", label: text("blocked") },
          { value: "flagged", label: text("flagged") },
        ]}
      />
      {decisions.error ? <ProblemNotice error={decisions.error} /> : null}
      {items ? <DecisionList items={items} /> : decisions.error ? null : <Skeleton className="h-32 w-full" />}
      <ShowMore {...decisions} />
    </div>
  );
}

function DecisionList({ items }: { items: readonly ModerationDecision[] }) {
  const text = useText("moderation");
  if (items.length === 0) return <p className="text-[15px] text-muted">{text("noDecisions")}</p>;
  return (
    <ol className="flex w-full flex-col">
      {items.map((decision) => (
        <DecisionRow key={decision.id} decision={decision} />
      ))}
    </ol>
  );
}

function DecisionRow({ decision }: { decision: ModerationDecision }) {
  const text = useText("moderation");
  const formats = useFormats();
  const { data: me } = useMe();
  // The jobs of others are theirs: how a prompt came here is told, what was made of it is not.
  const jobId = decision.user_id === me?.user.id ? decision.job_id : null;
  const blocked = decision.verdict === "blocked";
  const ofPictures = decision.stage === "output";
  const reason = { reason: decision.reason };
  return (
    <li className="flex flex-col gap-1 border-b border-border py-3 first:pt-0">
      <p className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1 text-[13px] text-subtle">
        <Badge look={blocked ? "danger" : "accent"}>{text(blocked ? "blocked" : "flagged")}</Badge>
        <span>{text(ofPictures ? "ofPictures" : "ofPrompt")}</span>
        <span>{decision.user_name}</span>
        <time dateTime={decision.at} className="tabular">
          {formats.dateTime(decision.at)}
        </time>
      </p>
      <p className="line-clamp-4 text-[15px] break-words">{decision.prompt}</p>
      <p className="text-[13px] break-words text-muted">
        {ofPictures ? text("checkSaid", reason) : text("metRules", reason)}
        {jobId ? (
          <>
            {" "}
            <Link href={`/status/${jobId}`} prefetch={false} className="text-accent-text underline underline-offset-4">
              {text("openJob")}
            </Link>
          </>
        ) : null}
      </p>
    </li>
  );
}
