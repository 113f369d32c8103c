"use client";

import { Dialog } from "@base-ui/react/dialog";
import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useRef } from "react";
import { IconButton, iconButtonStyle } from "@/components/ui/IconButton";
import { Picture } from "@/components/ui/Picture";
import { useFavorite } from "@/hooks/useImageActions";
import { useLast } from "@/hooks/useLast";
import type { JobImage, StoredImage } from "@/lib/contract";
import { displaySize } from "@/lib/display";
import { imageFileUrl } from "@/lib/links";
import { remixHref } from "@/lib/remix";
import { LightboxPanel } from "./LightboxPanel";

const LARGEST = 1_024;
const SMALLEST = 320;
const SCALE_UP = 4;

export interface LightboxProps {
  /** None: closed. */
  picture: JobImage | StoredImage | undefined;
  /** Everything known about it; may come a moment later. */
  details: StoredImage | undefined;
  previousId: string | undefined;
  nextId: string | undefined;
  onMove: (imageId: string | null) => void;
}

/** One picture, as large as is good for it. */
export function Lightbox({ picture: current, details, previousId, nextId, onMove }: LightboxProps) {
  const router = useRouter();
  const favorite = useFavorite();
  const closeButton = useRef<HTMLButtonElement>(null);
  // While it fades out it still shows what it showed.
  const picture = useLast(current);

  const keys: Record<string, () => void> = {
    ArrowLeft: () => previousId && onMove(previousId),
    ArrowRight: () => nextId && onMove(nextId),
    f: () => details && favorite.mutate({ id: details.id, favorite: !details.favorite }),
    r: () => details && router.push(remixHref({ ...details, num_images: null })),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    keys[event.key]?.();
  };
  const size = picture && displaySize(picture, LARGEST, SMALLEST, SCALE_UP);

  return (
    <Dialog.Root open={current !== undefined} onOpenChange={(open) => !open && onMove(null)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-background transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup
          initialFocus={closeButton}
          onKeyDown={onKeyDown}
          className="fixed inset-0 z-50 grid grid-rows-[minmax(0,1fr)_auto] overflow-y-auto outline-none transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0 lg:grid-cols-[minmax(0,1fr)_22rem] lg:grid-rows-1"
        >
          <Dialog.Title className="sr-only">{details?.prompt ?? "Picture"}</Dialog.Title>
          <div className="relative grid min-h-[55dvh] place-items-center bg-mat p-4 sm:p-10">
            {picture && size ? (
              <div
                className="max-w-full"
                style={{ width: `min(${size.width}px, calc(80dvh * ${(size.width / size.height).toFixed(4)}))` }}
              >
                <Picture
                  key={picture.id}
                  src={picture.url}
                  fallbackSrc={imageFileUrl(picture.id)}
                  alt={details?.prompt ?? "The picture"}
                  width={picture.width}
                  height={picture.height}
                  placeholder={picture.placeholder}
                  eager
                  className="rounded-md shadow-lift"
                />
              </div>
            ) : null}
            <Dialog.Close
              ref={closeButton}
              aria-label="Close"
              title="Close (Esc)"
              className={iconButtonStyle({ look: "overlay", className: "absolute top-3 left-3 sm:top-4 sm:left-4" })}
            >
              <X aria-hidden />
            </Dialog.Close>
            {previousId ? (
              <IconButton
                label="Previous picture"
                look="overlay"
                className="absolute top-1/2 left-3 -translate-y-1/2 sm:left-4"
                onClick={() => onMove(previousId)}
              >
                <ChevronLeft aria-hidden />
              </IconButton>
            ) : null}
            {nextId ? (
              <IconButton
                label="Next picture"
                look="overlay"
                className="absolute top-1/2 right-3 -translate-y-1/2 sm:right-4"
                onClick={() => onMove(nextId)}
              >
                <ChevronRight aria-hidden />
              </IconButton>
            ) : null}
          </div>
          <LightboxPanel details={details} onDeleted={() => onMove(nextId ?? previousId ?? null)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
