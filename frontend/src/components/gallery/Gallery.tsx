"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { useMemo } from "react";
import { LazyLightbox } from "@/components/images/LazyLightbox";
import { Button, buttonStyle } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { useImages } from "@/hooks/useImages";
import { hasFilters, type ImageFilters, readImageFilters, writeImageFilters } from "@/lib/imageFilters";
import { imageQuery } from "@/lib/queries/images";
import { GalleryFilters } from "./GalleryFilters";
import { GalleryGrid, GallerySkeleton } from "./GalleryGrid";

const OPEN = "image";

/** Everything made. Filters and the open picture are in the URL, so that a link shows what the sender saw. */
export function Gallery() {
  const pathname = usePathname();
  const search = useSearchParams();
  const filters = useMemo(() => readImageFilters(new URLSearchParams(search)), [search]);
  const openId = search.get(OPEN);
  const gallery = useImages(filters);
  const { images, hasNextPage, fetchNextPage, isFetchingNextPage } = gallery;

  const index = images.findIndex((image) => image.id === openId);
  // A link may point at a picture that is not on the pages loaded so far.
  const linked = useQuery({ ...imageQuery(openId ?? ""), enabled: openId !== null && index < 0 && gallery.isSuccess });
  const open = images[index] ?? (openId === null ? undefined : linked.data);

  // Not router.push: the server has nothing to add to a change of filter.
  const onFilters = (next: ImageFilters) => window.history.replaceState(null, "", pathname + writeImageFilters(next));
  const onOpen = (imageId: string | null) => {
    const params = new URLSearchParams(writeImageFilters(filters));
    if (imageId) params.set(OPEN, imageId);
    const url = params.size > 0 ? `${pathname}?${params.toString()}` : pathname;
    if (openId === null) window.history.pushState(null, "", url);
    else window.history.replaceState(null, "", url);
    const near = images.findIndex((image) => image.id === imageId) > images.length - 4;
    if (near && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };

  return (
    <div className="mx-auto w-full max-w-[100rem] px-3 pt-4 pb-16 sm:px-6 sm:pt-8">
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-1">
        <h1 className="text-2xl font-semibold tracking-tight">Gallery</h1>
        <GalleryFilters filters={filters} onFilters={onFilters} />
      </div>
      {gallery.isPending ? (
        <GallerySkeleton />
      ) : gallery.isError && images.length === 0 ? (
        <ProblemNotice
          error={gallery.error}
          advice="Your pictures are safe; only this list could not be loaded."
          action={
            <Button size="small" onClick={() => void gallery.refetch()}>
              Load again
            </Button>
          }
        />
      ) : images.length === 0 ? (
        <GalleryEmpty filtered={hasFilters(filters)} onClear={() => onFilters({})} />
      ) : (
        <GalleryGrid
          images={images}
          onOpen={onOpen}
          hasMore={hasNextPage}
          isLoadingMore={isFetchingNextPage}
          onEnd={() => void fetchNextPage()}
          stale={gallery.isPlaceholderData}
        />
      )}
      <LazyLightbox
        picture={open}
        details={open}
        previousId={index > 0 ? images[index - 1]?.id : undefined}
        nextId={index >= 0 ? images[index + 1]?.id : undefined}
        onMove={onOpen}
      />
    </div>
  );
}

function GalleryEmpty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState title="Nothing matches" action={<Button onClick={onClear}>Clear the filters</Button>}>
        No picture has all of that.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="The walls are still empty"
      action={
        <Link href="/#prompt" className={buttonStyle({ look: "accent" })}>
          Make the first picture
        </Link>
      }
    >
      Everything that you make is kept here.
    </EmptyState>
  );
}
