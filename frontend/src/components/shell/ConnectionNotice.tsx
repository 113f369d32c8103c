"use client";

import { useEffect, useState } from "react";
import { useStreamState } from "@/hooks/useStreamState";
import { useText } from "@/hooks/useText";
import { POLL_INTERVAL_MS } from "@/lib/constants";

const PATIENCE_MS = 1_500;

/** Says when live updates are not live. A hiccup is not worth a word. */
export function ConnectionNotice() {
  const text = useText("shell");
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
  const seconds = POLL_INTERVAL_MS / 1_000;
  return (
    <div role="status" data-stream={state}>
      {visible ? (
        <span
          title={state === "offline" ? text("offlineDetail") : text(`${state}Detail`, { seconds })}
          className="flex h-8 items-center gap-2 rounded-full bg-surface-sunken px-3 text-[13px] text-muted max-sm:gap-1.5 max-sm:px-2 max-sm:text-xs"
        >
          <span aria-hidden className="size-2 shrink-0 animate-breathe rounded-full bg-accent" />
          <span className="truncate">{text(state)}</span>
        </span>
      ) : null}
    </div>
  );
}
