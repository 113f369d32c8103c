import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { CollectionsView } from "@/components/gallery/CollectionsView";
import { collectionsQuery } from "@/lib/queries/collections";
import { prefetch } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("collections"))("title") };
}

export default async function CollectionsPage() {
  const state = await prefetch((queries, client) => [queries.infiniteQuery(collectionsQuery(client))]);
  return (
    <HydrationBoundary state={state}>
      <CollectionsView />
    </HydrationBoundary>
  );
}
