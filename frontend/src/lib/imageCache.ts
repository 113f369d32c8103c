import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ImagePage, StoredImage } from "./contract";
import { imageKeys } from "./queries/keys";

type Gallery = InfiniteData<ImagePage, string | null>;
export type GallerySnapshot = [readonly unknown[], Gallery | undefined][];

function changePages(queries: QueryClient, change: (items: StoredImage[]) => StoredImage[]): void {
  queries.setQueriesData<Gallery>({ queryKey: imageKeys.lists() }, (gallery) =>
    gallery && { ...gallery, pages: gallery.pages.map((page) => ({ ...page, items: change(page.items) })) },
  );
}

export function snapshotGallery(queries: QueryClient): GallerySnapshot {
  return queries.getQueriesData<Gallery>({ queryKey: imageKeys.lists() });
}

export function restoreGallery(queries: QueryClient, snapshot: GallerySnapshot): void {
  for (const [key, data] of snapshot) queries.setQueryData(key, data);
}

export function patchImage(queries: QueryClient, imageId: string, patch: Partial<StoredImage>): void {
  const change = (image: StoredImage) => (image.id === imageId ? { ...image, ...patch } : image);
  changePages(queries, (items) => items.map(change));
  queries.setQueryData<StoredImage>(imageKeys.detail(imageId), (image) => image && change(image));
}

export function dropImage(queries: QueryClient, imageId: string): void {
  changePages(queries, (items) => items.filter((image) => image.id !== imageId));
}
