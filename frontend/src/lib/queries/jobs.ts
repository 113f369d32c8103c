import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { getStatus, listJobs } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { unlessCaughtUp } from "../catchUp";
import type { ApiClient } from "../restClient";
import { FEED_PAGE_SIZE } from "../constants";
import { type FeedPage, keepArrivals, readJob, writeJob } from "../jobCache";
import { type LiveJob, mergeJob } from "../jobs";
import { jobKeys } from "./keys";

/** Everything lately asked for, newest first. The jobs themselves go under their own keys (see jobCache). */
export function jobFeedQuery(queries: QueryClient, client: ApiClient = apiClient) {
  return infiniteQueryOptions({
    queryKey: jobKeys.feed(),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<FeedPage> => {
      const query = { limit: FEED_PAGE_SIZE, cursor: pageParam ?? undefined };
      const withArrivals = pageParam === null ? keepArrivals(queries) : (answered: string[]) => answered;
      const { data } = await listJobs({ client, query, signal, throwOnError: true });
      for (const job of data.items) writeJob(queries, job);
      return { ids: withArrivals(data.items.map((job) => job.job_id)), nextCursor: data.next_cursor ?? null };
    },
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 15_000,
    refetchOnMount: unlessCaughtUp,
  });
}

export function jobQuery(queries: QueryClient, jobId: string, client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: jobKeys.detail(jobId),
    queryFn: async ({ signal }): Promise<LiveJob> => {
      const { data } = await getStatus({ client, path: { job_id: jobId }, signal, throwOnError: true });
      return mergeJob(readJob(queries, jobId), data);
    },
    staleTime: 5_000,
  });
}
