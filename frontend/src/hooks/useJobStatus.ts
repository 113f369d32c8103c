import { useQuery, useQueryClient } from "@tanstack/react-query";
import { POLL_INTERVAL_MS, SAFETY_POLL_INTERVAL_MS } from "@/lib/constants";
import { isOptimistic, isTerminal } from "@/lib/jobs";
import { jobQuery } from "@/lib/queries/jobs";
import { useStreamState } from "./useStreamState";

/** One job, kept current: by the event stream while it is open, by asking while it is not, until the job has ended. */
export function useJobStatus(jobId: string) {
  const queries = useQueryClient();
  const streaming = useStreamState() === "open";
  return useQuery({
    ...jobQuery(queries, jobId),
    enabled: !isOptimistic(jobId),
    refetchInterval: ({ state }) => {
      if (state.data && isTerminal(state.data)) return false;
      return streaming ? SAFETY_POLL_INTERVAL_MS : POLL_INTERVAL_MS;
    },
  });
}
