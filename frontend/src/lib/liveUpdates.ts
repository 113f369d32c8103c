import type { QueryClient } from "@tanstack/react-query";
import { announce } from "./announcer";
import { sessionLives } from "./apiClient";
import { markCaughtUp } from "./catchUp";
import { JobEventStream, type StreamState } from "./eventStream";
import { applyJobEvent } from "./jobEvents";
import { isTerminal, type LiveJob } from "./jobs";
import { statusPath } from "./links";
import { deservesNotification, markWhileVisible } from "./notifications";
import { imageKeys, jobKeys } from "./queries/keys";
import { SharedEventStream } from "./sharedEventStream";
import type { Text } from "./text";
import { announceJob } from "./wording";

export interface LiveUpdatesOptions {
  onState: (state: StreamState) => void;
  /** Asked for at each announcement: the visitor may choose another language in between. */
  text: () => Text<"jobs">;
}

function catchUp(queries: QueryClient): void {
  markCaughtUp();
  void queries.invalidateQueries({ queryKey: jobKeys.feed() });
  void queries.invalidateQueries({ queryKey: imageKeys.lists() });
  void queries.invalidateQueries({
    queryKey: jobKeys.details(),
    predicate: ({ state }) => !(state.data && isTerminal(state.data as LiveJob)),
  });
}

async function notify(job: LiveJob, title: string): Promise<void> {
  if (!(await deservesNotification(job))) return;
  const notification = new Notification(title, { tag: job.job_id, icon: "/icon.svg" });
  notification.onclick = () => {
    window.focus();
    window.location.assign(statusPath(job.job_id));
  };
}

/** Keeps the query cache up with the server's events, and says aloud what is worth a word. @returns how to stop. */
export function followJobs(queries: QueryClient, { onState, text }: LiveUpdatesOptions): () => void {
  const say = (job: LiveJob | null, leads: boolean) => {
    if (!job) return;
    const words = announceJob(job, text());
    announce(words);
    if (leads) void notify(job, words);
  };
  const stream: SharedEventStream = new SharedEventStream(
    {
      onEvent: (type, event) => say(applyJobEvent(queries, type, event), stream.leads),
      onState,
      onOpen: () => catchUp(queries),
      renewSession: sessionLives,
    },
    (options) => new JobEventStream(options),
  );
  const stopMarking = markWhileVisible();
  stream.start();
  return () => {
    stream.stop();
    stopMarking();
  };
}
