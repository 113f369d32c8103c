"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { LazyLightbox } from "@/components/images/LazyLightbox";
import { Button, buttonStyle } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useDeleteImage, useFavorite } from "@/hooks/useImageActions";
import { useImages } from "@/hooks/useImages";
import { useLast } from "@/hooks/useLast";
import { useShortcuts } from "@/hooks/useShortcuts";
import { useText } from "@/hooks/useText";
import type { StoredImage } from "@/lib/contract";
import { hasFilters, type ImageFilters, readImageFilters, writeImageFilters } from "@/lib/imageFilters";
import { imageQuery } from "@/lib/queries/images";
import { remixHref } from "@/lib/remix";
import { NOTHING, type Selection } from "@/lib/selection";
import { GalleryFilters } from "./GalleryFilters";
import { GalleryGrid } from "./GalleryGrid";
import { GallerySkeleton } from "./GallerySkeleton";
import { GalleryTabs } from "./GalleryTabs";

const OPEN = "image";
const CollectionHeading = lazy(() => import("./CollectionHeading").then((module) => ({ default: module.CollectionHeading })));
const SelectionBar = lazy(() => import("./SelectionBar").then((module) => ({ default: module.SelectionBar })));

/** Everything made. Filters and the open picture are in the URL, so that a link shows what the sender saw. */
export function Gallery() {
  const text = useText("gallery");
  const common = useText("common");
  const pathname = usePathname();
  const search = useSearchParams();
  const filters = useMemo(() => readImageFilters(new URLSearchParams(search)), [search]);
  const openId = search.get(OPEN);
  const gallery = useImages(filters);
  const { images, hasNextPage, fetchNextPage, isFetchingNextPage } = gallery;
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [choosing, setChoosing] = useState(false);
  const [activeId, setActiveId] = useState<string | null>(null);
  const selecting = choosing || selection.ids.size > 0;
  // It stays once it was needed: an archive goes on being packed after the selection is given up.
  const barWanted = useLast(selecting || undefined) ?? false;

  const index = images.findIndex((image) => image.id === openId);
  // A link may point at a picture that is not on the pages loaded so far.
  const linked = useQuery({ ...imageQuery(openId ?? ""), enabled: openId !== null && index < 0 && gallery.isSuccess });
  const open = images[index] ?? (openId === null ? undefined : linked.data);

  // Not router.push: the server has nothing to add to a change of filter.
  const onFilters = useCallback(
    (next: ImageFilters) => window.history.replaceState(null, "", pathname + writeImageFilters(next)),
    [pathname],
  );
  const isOpen = openId !== null;
  const onOpen = useCallback(
    (imageId: string | null) => {
      const params = new URLSearchParams(writeImageFilters(filters));
      if (imageId) {
        params.set(OPEN, imageId);
        setActiveId(imageId);
      }
      const url = params.size > 0 ? `${pathname}?${params.toString()}` : pathname;
      if (isOpen) window.history.replaceState(null, "", url);
      else window.history.pushState(null, "", url);
    },
    [filters, pathname, isOpen, setActiveId],
  );
  const onMove = (imageId: string | null) => {
    onOpen(imageId);
    const near = images.findIndex((image) => image.id === imageId) > images.length - 4;
    if (near && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  const onDone = useCallback(() => {
    setSelection(NOTHING);
    setChoosing(false);
  }, [setSelection, setChoosing]);
  const actions = useCardActions(images, setActiveId);
  useShortcuts({ j: () => focusCard(activeId), k: () => focusCard(activeId) }, images.length > 0);

  return (
    <div className="mx-auto w-full max-w-[100rem] px-3 pt-4 pb-28 sm:px-6 sm:pt-8">
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        {filters.collection ? (
          <Suspense fallback={<Skeleton className="h-9 w-56" />}>
            <CollectionHeading collectionId={filters.collection} selection={selection} onDone={onDone} />
          </Suspense>
        ) : (
          <>
            <h1 className="sr-only">{text("title")}</h1>
            <GalleryTabs />
          </>
        )}
        <GalleryFilters filters={filters} onFilters={onFilters} choosing={selecting} onChoosing={selecting ? onDone : () => setChoosing(true)} />
      </div>
      {gallery.isPending ? (
        <GallerySkeleton />
      ) : gallery.isError && images.length === 0 ? (
        <ProblemNotice
          error={gallery.error}
          advice={text("kept")}
          action={
            <Button size="small" onClick={() => void gallery.refetch()}>
              {common("loadAgain")}
            </Button>
          }
        />
      ) : images.length === 0 ? (
        <GalleryEmpty filters={filters} onClear={() => onFilters(filters.collection ? { collection: filters.collection } : {})} />
      ) : (
        <GalleryGrid
          images={images}
          selection={selection}
          onSelection={setSelection}
          selecting={selecting}
          activeId={activeId}
          onActive={setActiveId}
          onOpen={onOpen}
          actions={actions}
          hasMore={hasNextPage}
          isLoadingMore={isFetchingNextPage}
          onEnd={() => void fetchNextPage()}
          stale={gallery.isPlaceholderData}
        />
      )}
      {barWanted ? (
        <Suspense>
          <SelectionBar shown={selecting} images={images} selection={selection} onDone={onDone} collectionId={filters.collection} />
        </Suspense>
      ) : null}
      <LazyLightbox
        picture={open}
        details={open}
        previousId={index > 0 ? images[index - 1]?.id : undefined}
        nextId={index >= 0 ? images[index + 1]?.id : undefined}
        onMove={onMove}
        focusAfter={() => (activeId === null ? null : document.querySelector<HTMLElement>(`[data-card="${activeId}"]`))}
      />
    </div>
  );
}

function focusCard(activeId: string | null): void {
  const card = activeId ? document.querySelector<HTMLElement>(`[data-card="${activeId}"]`) : null;
  (card ?? document.querySelector<HTMLElement>("[data-card]"))?.focus();
}

/** What the keyboard does to the active picture; after a deletion it stands at the next one. */
function useCardActions(images: readonly StoredImage[], onActive: (imageId: string | null) => void) {
  const router = useRouter();
  const favorite = useFavorite();
  const remove = useDeleteImage();
  const { mutate: like } = favorite;
  return useMemo(() => {
    const own = (act: (image: StoredImage, at: number) => void) => (id: string) => {
      const at = images.findIndex((image) => image.id === id);
      const image = images[at];
      if (image) act(image, at);
    };
    const drop = own((image, at) => {
      if (!image.mine) return;
      const next = images[at + 1] ?? images[at - 1];
      onActive(next?.id ?? null);
      remove(image);
      requestAnimationFrame(() => focusCard(next?.id ?? null));
    });
    return {
      f: own((image) => image.mine && like({ id: image.id, favorite: !image.favorite })),
      r: own((image) => router.push(remixHref({ ...image, num_images: null }))),
      Delete: drop,
      Backspace: drop,
    };
  }, [images, like, remove, router, onActive]);
}

function GalleryEmpty({ filters, onClear }: { filters: ImageFilters; onClear: () => void }) {
  const text = useText("gallery");
  if (hasFilters(filters)) {
    return (
      <EmptyState title={text("nothingMatches")} action={<Button onClick={onClear}>{text("clearFilters")}</Button>}>
        {text("nothingMatchesLead")}
      </EmptyState>
    );
  }
  if (filters.collection) {
    return (
      <EmptyState
        title={text("collectionEmpty")}
        action={
          <Link href="/gallery" className={buttonStyle({ look: "accent" })}>
            {text("toGallery")}
          </Link>
        }
      >
        {text("collectionEmptyLead")}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={text("empty")}
      action={
        <Link href="/#prompt" className={buttonStyle({ look: "accent" })}>
          {text("makeFirst")}
        </Link>
      }
    >
      {text("emptyLead")}
    </EmptyState>
  );
}
