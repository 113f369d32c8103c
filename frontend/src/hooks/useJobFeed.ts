import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { jobFeedQuery } from "@/lib/queries/jobs";

export function useJobFeed() {
  const feed = useInfiniteQuery(jobFeedQuery(useQueryClient()));
  return { ...feed, jobIds: feed.data?.pages.flatMap((page) => page.ids) ?? [] };
}
