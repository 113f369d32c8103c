import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { Gallery } from "@/components/gallery/Gallery";
import { readImageFilters } from "@/lib/imageFilters";
import { collectionQuery } from "@/lib/queries/collections";
import { imagesQuery } from "@/lib/queries/images";
import { prefetch } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("gallery"))("title") };
}

export default async function GalleryPage({ searchParams }: PageProps<"/gallery">) {
  const filters = readImageFilters(await searchParams);
  const state = await prefetch((queries, client) => [
    queries.infiniteQuery(imagesQuery(filters, client)),
    ...(filters.collection ? [queries.query(collectionQuery(filters.collection, client))] : []),
  ]);
  return (
    <HydrationBoundary state={state}>
      <Gallery />
    </HydrationBoundary>
  );
}
