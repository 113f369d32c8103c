"use client";

import { useDraftFromStorage } from "@/hooks/useDraft";
import { useJobFeed } from "@/hooks/useJobFeed";
import { useText } from "@/hooks/useText";
import { JobFeed } from "./JobFeed";
import { PromptForm } from "./PromptForm";
import { StudioWelcome } from "./StudioWelcome";

/** A composer over a feed. On a phone the composer is at the thumb. */
export function Studio() {
  useDraftFromStorage();
  const text = useText("studio");
  const feed = useJobFeed();
  const empty = feed.isSuccess && feed.jobIds.length === 0;
  return (
    <div className="mx-auto flex w-full max-w-[57rem] flex-1 flex-col px-4 pb-44 sm:px-6 sm:pb-16">
      <h1 className="sr-only">{text("title")}</h1>
      {empty ? <StudioWelcome /> : null}
      <div
        className={
          empty
            ? "max-sm:fixed max-sm:inset-x-0 max-sm:bottom-0 max-sm:z-20"
            : "z-20 max-sm:fixed max-sm:inset-x-0 max-sm:bottom-0 sm:sticky sm:top-14 sm:pt-3 sm:pb-6"
        }
      >
        <PromptForm />
      </div>
      {empty ? null : <JobFeed feed={feed} />}
    </div>
  );
}
