"use client";

import { type MouseEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { ImageCard } from "@/components/images/ImageCard";
import { useEndReached } from "@/hooks/useEndReached";
import { useGridKeys } from "@/hooks/useGridKeys";
import { useText } from "@/hooks/useText";
import { useWall } from "@/hooks/useWall";
import { cn } from "@/lib/cn";
import type { StoredImage } from "@/lib/contract";
import { extend, type Selection, toggle } from "@/lib/selection";

/** Until the browser has measured the place, flexbox makes the same rows of this many. */
const DRAWN_BY_SERVER = 40;
const EAGER = 12;

export interface GalleryGridProps {
  images: readonly StoredImage[];
  selection: Selection;
  onSelection: (selection: Selection) => void;
  /** A tap chooses instead of opening. */
  selecting: boolean;
  /** The picture that the keyboard is at; None: the first. */
  activeId: string | null;
  onActive: (imageId: string) => void;
  onOpen: (imageId: string) => void;
  actions: Readonly<Record<string, (imageId: string) => void>>;
  hasMore: boolean;
  isLoadingMore: boolean;
  onEnd: () => void;
  /** Still the pictures of the filter before. */
  stale: boolean;
}

/** Justified rows, of which only those near the window are in the page, however many there are. */
export function GalleryGrid({ images, selection, onSelection, selecting, activeId, onActive, onOpen, actions, ...rest }: GalleryGridProps) {
  const { hasMore, isLoadingMore, onEnd, stale } = rest;
  const text = useText("gallery");
  const list = useRef<HTMLUListElement>(null);
  const focusNext = useRef(false);
  const end = useEndReached(onEnd, hasMore && !isLoadingMore);
  const ids = useMemo(() => images.map((image) => image.id), [images]);
  const found = activeId === null ? -1 : ids.indexOf(activeId);
  const activeIndex = Math.max(found, 0);
  const { wall, drawn } = useWall(list, images, found);

  const moveTo = useCallback(
    (index: number) => {
      const id = ids[index];
      if (id === undefined) return;
      focusNext.current = true;
      onActive(id);
    },
    [ids, onActive],
  );
  // The picture's row is drawn by now, wherever it is; focusing brings it into view.
  useEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    if (activeId !== null) list.current?.querySelector<HTMLElement>(`[data-card="${activeId}"]`)?.focus();
  }, [activeId]);

  const onKeyDown = useGridKeys({ ids, activeIndex, wall, selection, onSelection, onActive: moveTo, actions });
  const latest = useRef({ selection, ids, selecting });
  useEffect(() => {
    latest.current = { selection, ids, selecting };
  });
  const onPress = useCallback(
    (imageId: string, event: MouseEvent) => {
      const now = latest.current;
      onActive(imageId);
      if (event.shiftKey) onSelection(extend(now.selection, imageId, now.ids));
      else if (event.ctrlKey || event.metaKey || now.selecting) onSelection(toggle(now.selection, imageId));
      else onOpen(imageId);
    },
    [onActive, onOpen, onSelection],
  );
  const onChoose = useCallback(
    (imageId: string, range: boolean) => {
      const now = latest.current;
      onSelection(range ? extend(now.selection, imageId, now.ids) : toggle(now.selection, imageId));
    },
    [onSelection],
  );

  const card = (image: StoredImage, index: number) => (
    <ImageCard
      image={image}
      onPress={onPress}
      onChoose={onChoose}
      chosen={selection.ids.has(image.id)}
      selecting={selecting}
      inTabOrder={index === activeIndex}
      eager={index < EAGER}
    />
  );
  const size = hasMore ? -1 : images.length;
  return (
    <>
      {/* The keys of the list's buttons: one handler for all of them. */}
      <div role="presentation" onKeyDown={onKeyDown}>
        <ul
          ref={list}
          aria-label={text("pictures")}
          aria-busy={stale}
          style={wall ? { height: wall.height } : undefined}
          className={cn(wall ? "relative" : "flex flex-wrap gap-2 [--row:10.75rem] sm:gap-3 sm:[--row:13rem]", stale && "opacity-60")}
        >
          {wall
            ? drawn.flatMap((number) => {
                const row = wall.rows[number];
                return (row?.places ?? []).map((place, at) => {
                  const index = (row?.first ?? 0) + at;
                  const image = images[index];
                  if (!row || !image) return null;
                  const style = { insetInlineStart: place.start, top: row.top, width: place.width, height: row.height };
                  return (
                    <li key={image.id} className="absolute" style={style} aria-posinset={index + 1} aria-setsize={size}>
                      {card(image, index)}
                    </li>
                  );
                });
              })
            : images.slice(0, DRAWN_BY_SERVER).map((image, index) => {
                const shape = image.width / image.height;
                const style = { flexGrow: shape, flexBasis: `calc(var(--row) * ${shape.toFixed(4)})` };
                return (
                  <li key={image.id} style={style} className="min-w-0 max-w-full">
                    {card(image, index)}
                  </li>
                );
              })}
          {/* Keeps the last row from being blown up. */}
          {wall ? null : <li aria-hidden className="h-0 grow-[1000] basis-0" />}
        </ul>
      </div>
      <div ref={end} />
      {isLoadingMore ? <p className="py-8 text-center text-sm text-subtle">{text("loadingOlder")}</p> : null}
    </>
  );
}
