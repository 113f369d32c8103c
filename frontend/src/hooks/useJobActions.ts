import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelJob, retryJob } from "@/lib/calls";
import { addToFeed, writeJob } from "@/lib/jobCache";
import { showProblem } from "@/lib/toasts";

export function useCancelJob(jobId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => cancelJob(jobId),
    onSuccess: (job) => writeJob(queries, job),
    onError: (error) => showProblem(error, "The job could not be canceled"),
  });
}

/** A retry is a job of its own, with the same request. */
export function useRetryJob(jobId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => retryJob(jobId),
    onSuccess: (job) => addToFeed(queries, job),
    onError: (error) => showProblem(error, "The job could not be sent again"),
  });
}
