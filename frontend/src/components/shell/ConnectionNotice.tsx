"use client";

import { useEffect, useState } from "react";
import { useStreamState } from "@/hooks/useStreamState";
import { POLL_INTERVAL_MS } from "@/lib/constants";

const PATIENCE_MS = 1_500;
const WORDS = {
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  offline: "Offline",
};
const DETAILS = {
  connecting: `Live updates are starting; until then this page asks every ${POLL_INTERVAL_MS / 1_000} s.`,
  reconnecting: `Live updates are interrupted; until they are back this page asks every ${POLL_INTERVAL_MS / 1_000} s.`,
  offline: "This device has no connection. Jobs go on without it.",
};

/** Says when live updates are not live. A hiccup is not worth a word. */
export function ConnectionNotice() {
  const state = useStreamState();
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    if (state === "open") return;
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setPatient(true);
    };
  }, [state === "open"]); // eslint-disable-line react-hooks/exhaustive-deps -- only being open or not matters
  const visible = state !== "open" && !patient;
  return (
    <div role="status" data-stream={state}>
      {visible ? (
        <span
          title={DETAILS[state]}
          className="inline-flex h-8 items-center gap-2 rounded-full bg-surface-sunken px-3 text-[13px] text-muted"
        >
          <span aria-hidden className="size-2 animate-breathe rounded-full bg-accent" />
          {WORDS[state]}
        </span>
      ) : null}
    </div>
  );
}
