"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { useText } from "@/hooks/useText";
import type { StreamState } from "@/lib/eventStream";

/** How the live updates are doing; the updates themselves go into the query cache. */
export const JobContext = createContext<StreamState>("connecting");

const RETRY_MS = 5_000;

/** One event stream for this browser, as long as someone is signed in. Its code comes after the page, which is whole without. */
export function JobProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const text = useText("jobs");
  const [state, setState] = useState<StreamState>("connecting");
  const currentText = useEffectEvent(() => text);

  useEffect(() => {
    let left = false;
    let stop: () => void = () => undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = () => {
      import("@/lib/liveUpdates").then(
        ({ followJobs }) => {
          if (!left) stop = followJobs(queries, { onState: setState, text: () => currentText() });
        },
        () => {
          if (left) return;
          setState("reconnecting");
          timer = setTimeout(begin, RETRY_MS);
        },
      );
    };
    begin();
    return () => {
      left = true;
      clearTimeout(timer);
      stop();
    };
  }, [queries]);

  return <JobContext value={state}>{children}</JobContext>;
}
