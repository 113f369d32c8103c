import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { JobStatusView } from "@/components/status/JobStatusView";
import { jobQuery } from "@/lib/queries/jobs";
import { prefetch } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("jobs"))("title") };
}

export default async function JobStatusPage({ params }: PageProps<"/status/[jobId]">) {
  const { jobId } = await params;
  const state = await prefetch((queries, client) => [queries.query(jobQuery(queries, jobId, client))]);
  return (
    <HydrationBoundary state={state}>
      <JobStatusView jobId={jobId} />
    </HydrationBoundary>
  );
}
