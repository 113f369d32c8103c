import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { WorkView } from "@/components/admin/WorkView";
import { queueQuery, workersQuery } from "@/lib/queries/organization";
import { prefetch } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("admin"))("work") };
}

export default async function WorkPage() {
  const state = await prefetch((queries, client) => [queries.query(queueQuery(client)), queries.query(workersQuery(client))]);
  return (
    <HydrationBoundary state={state}>
      <WorkView />
    </HydrationBoundary>
  );
}
