import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { Gallery } from "@/components/gallery/Gallery";
import { readImageFilters } from "@/lib/imageFilters";
import { imagesQuery } from "@/lib/queries/images";
import { prefetch } from "@/lib/serverApi";

export const metadata: Metadata = { title: "Gallery" };

export default async function GalleryPage({ searchParams }: PageProps<"/gallery">) {
  const filters = readImageFilters(await searchParams);
  const state = await prefetch((queries, client) => [queries.infiniteQuery(imagesQuery(filters, client))]);
  return (
    <HydrationBoundary state={state}>
      <Gallery />
    </HydrationBoundary>
  );
}
