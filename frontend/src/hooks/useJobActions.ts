import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelJob, retryJob } from "@/lib/calls";
import { addToFeed, writeJob } from "@/lib/jobCache";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

export function useCancelJob(jobId: string) {
  const queries = useQueryClient();
  const text = useText("jobs");
  const toasts = useToasts();
  return useMutation({
    mutationFn: () => cancelJob(jobId),
    onSuccess: (job) => writeJob(queries, job),
    onError: (error) => toasts.problem(error, text("cancelFailed")),
  });
}

/** A retry is a job of its own, with the same request. */
export function useRetryJob(jobId: string) {
  const queries = useQueryClient();
  const text = useText("jobs");
  const toasts = useToasts();
  return useMutation({
    mutationFn: () => retryJob(jobId),
    onSuccess: (job) => addToFeed(queries, job),
    onError: (error) => toasts.problem(error, text("retryFailed")),
  });
}
