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
  patchImages(queries, [imageId], (image) => ({ ...image, ...patch }));
}

export function patchImages(queries: QueryClient, imageIds: readonly string[], patch: (image: StoredImage) => StoredImage): void {
  const ids = new Set(imageIds);
  changePages(queries, (items) => items.map((image) => (ids.has(image.id) ? patch(image) : image)));
  for (const id of ids) queries.setQueryData<StoredImage>(imageKeys.detail(id), (image) => image && patch(image));
}

export function dropImage(queries: QueryClient, imageId: string): void {
  dropImages(queries, [imageId]);
}

export function dropImages(queries: QueryClient, imageIds: readonly string[]): void {
  const ids = new Set(imageIds);
  changePages(queries, (items) => items.filter((image) => !ids.has(image.id)));
}
