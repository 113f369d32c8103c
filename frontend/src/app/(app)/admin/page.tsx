import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { PeopleView } from "@/components/admin/PeopleView";
import { invitationsQuery, limitsQuery, membersQuery, usageQuery } from "@/lib/queries/organization";
import { prefetch } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("admin"))("title") };
}

export default async function AdminPage() {
  const state = await prefetch((queries, client) => [
    queries.query(membersQuery(client)),
    queries.query(invitationsQuery(client)),
    queries.query(limitsQuery(client)),
    queries.query(usageQuery(true, client)),
  ]);
  return (
    <HydrationBoundary state={state}>
      <PeopleView />
    </HydrationBoundary>
  );
}
