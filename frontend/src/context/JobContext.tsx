"use client";

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useEffect, useState } from "react";
import { sessionLives } from "@/lib/apiClient";
import { JobEventStream, type StreamState } from "@/lib/eventStream";
import { applyJobEvent } from "@/lib/jobEvents";
import { isTerminal, type LiveJob } from "@/lib/jobs";
import { jobKeys } from "@/lib/queries/keys";

/** How the live updates are doing; the updates themselves go into the query cache. */
export const JobContext = createContext<StreamState>("connecting");

function catchUp(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: jobKeys.feed() });
  void queries.invalidateQueries({
    queryKey: jobKeys.details(),
    predicate: ({ state }) => !(state.data && isTerminal(state.data as LiveJob)),
  });
}

/** One event stream for this tab, as long as someone is signed in. */
export function JobProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");

  useEffect(() => {
    const stream = new JobEventStream({
      onEvent: (type, event) => applyJobEvent(queries, type, event),
      onState: setState,
      onReopen: () => catchUp(queries),
      renewSession: sessionLives,
    });
    stream.start();
    return () => stream.stop();
  }, [queries]);

  return <JobContext value={state}>{children}</JobContext>;
}
