"use client";

import { ImageCard } from "@/components/images/ImageCard";
import { Skeleton } from "@/components/ui/Skeleton";
import { useEndReached } from "@/hooks/useEndReached";
import { cn } from "@/lib/cn";
import type { StoredImage } from "@/lib/contract";

export interface GalleryGridProps {
  images: readonly StoredImage[];
  onOpen: (imageId: string) => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  onEnd: () => void;
  /** Still the pictures of the filter before. */
  stale: boolean;
}

/**
 * Justified rows by flexbox alone: each card asks for a width by its shape and grows by it, so a row's pictures have one
 * height, nothing is cropped and nothing moves. Order is reading order.
 */
export function GalleryGrid({ images, onOpen, hasMore, isLoadingMore, onEnd, stale }: GalleryGridProps) {
  const end = useEndReached(onEnd, hasMore && !isLoadingMore);
  return (
    <>
      <ul
        aria-label="Pictures"
        aria-busy={stale}
        className={cn("flex flex-wrap gap-2 [--row:10.75rem] sm:gap-3 sm:[--row:13rem]", stale && "opacity-60")}
      >
        {images.map((image, index) => {
          const shape = image.width / image.height;
          return (
            <li
              key={image.id}
              style={{ flexGrow: shape, flexBasis: `calc(var(--row) * ${shape.toFixed(4)})` }}
              className="min-w-0 max-w-full"
            >
              <ImageCard image={image} onOpen={onOpen} eager={index < 12} />
            </li>
          );
        })}
        {/* Keeps the last row from being blown up. */}
        <li aria-hidden className="h-0 grow-[1000] basis-0" />
      </ul>
      <div ref={end} />
      {isLoadingMore ? <p className="py-8 text-center text-sm text-subtle">Loading older pictures…</p> : null}
    </>
  );
}

export function GallerySkeleton() {
  return (
    <div role="status" aria-label="Loading your pictures" className="grid grid-cols-2 gap-2 sm:grid-cols-4 sm:gap-3 lg:grid-cols-6">
      {Array.from({ length: 12 }, (_, key) => (
        <Skeleton key={key} className="aspect-square rounded-card" />
      ))}
    </div>
  );
}
