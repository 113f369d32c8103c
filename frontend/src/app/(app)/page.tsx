import { HydrationBoundary } from "@tanstack/react-query";
import { Studio } from "@/components/studio/Studio";
import { jobFeedQuery } from "@/lib/queries/jobs";
import { prefetch } from "@/lib/serverApi";

export default async function StudioPage() {
  const state = await prefetch((queries, client) => [queries.infiniteQuery(jobFeedQuery(queries, client))]);
  return (
    <HydrationBoundary state={state}>
      <Studio />
    </HydrationBoundary>
  );
}
