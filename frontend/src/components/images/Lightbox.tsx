"use client";

import { Dialog } from "@base-ui/react/dialog";
import { ChevronLeft, ChevronRight, X, ZoomIn, ZoomOut } from "lucide-react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useRef, useState } from "react";
import { IconButton, iconButtonStyle } from "@/components/ui/IconButton";
import { Picture } from "@/components/ui/Picture";
import { useFavorite } from "@/hooks/useImageActions";
import { useLast } from "@/hooks/useLast";
import { useText } from "@/hooks/useText";
import type { JobImage, StoredImage } from "@/lib/contract";
import { displaySize } from "@/lib/display";
import { imageFileUrl } from "@/lib/links";
import { remixHref } from "@/lib/remix";
import { FIT, STEP, zoomAt } from "@/lib/zoom";
import { LightboxPanel } from "./LightboxPanel";
import { viewByKey, ZoomStage } from "./ZoomStage";

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
  /** Where the focus goes when it closes; else to where it came from. */
  focusAfter?: () => HTMLElement | null;
}

/** One picture, as large as is good for it, and as close as one likes. */
export function Lightbox({ picture: current, details, previousId, nextId, onMove, focusAfter }: LightboxProps) {
  const text = useText("images");
  const common = useText("common");
  const router = useRouter();
  const favorite = useFavorite();
  const closeButton = useRef<HTMLButtonElement>(null);
  // While it fades out it still shows what it showed.
  const picture = useLast(current);
  const [looked, setLooked] = useState({ id: "", view: FIT });
  const view = looked.id === picture?.id ? looked.view : FIT;
  const setView = (next: typeof FIT) => setLooked({ id: picture?.id ?? "", view: next });

  const keys: Record<string, () => void> = {
    ArrowLeft: () => previousId && onMove(previousId),
    ArrowRight: () => nextId && onMove(nextId),
    k: () => previousId && onMove(previousId),
    j: () => nextId && onMove(nextId),
    f: () => details?.mine && favorite.mutate({ id: details.id, favorite: !details.favorite }),
    r: () => details && router.push(remixHref({ ...details, num_images: null })),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target instanceof HTMLInputElement) return;
    const next = viewByKey(event.key, view);
    if (next) setView(next);
    else keys[event.key]?.();
  };
  const size = picture && displaySize(picture, LARGEST, SMALLEST, SCALE_UP);

  return (
    <Dialog.Root open={current !== undefined} onOpenChange={(open) => !open && onMove(null)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-background transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup
          initialFocus={closeButton}
          finalFocus={() => focusAfter?.() ?? true}
          onKeyDown={onKeyDown}
          className="fixed inset-0 z-50 grid grid-rows-[minmax(55dvh,1fr)_auto] overflow-y-auto outline-none transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0 lg:grid-cols-[minmax(0,1fr)_22rem] lg:grid-rows-1"
        >
          <Dialog.Title className="sr-only">{details?.prompt ?? text("picture")}</Dialog.Title>
          <div className="relative overflow-hidden bg-mat">
            <ZoomStage view={view} onView={setView} className="absolute inset-0 p-4 sm:p-10">
              {picture && size ? (
                <div style={{ width: `min(${size.width}px, 100cqw, calc(100cqh * ${(size.width / size.height).toFixed(4)}))` }}>
                  <Picture
                    key={picture.id}
                    src={picture.url}
                    fallbackSrc={imageFileUrl(picture.id)}
                    alt={details?.prompt ?? text("thePicture")}
                    width={picture.width}
                    height={picture.height}
                    placeholder={picture.placeholder}
                    eager
                    className="rounded-md shadow-lift"
                  />
                </div>
              ) : null}
            </ZoomStage>
            <Dialog.Close
              ref={closeButton}
              aria-label={common("close")}
              title={text("closeKey")}
              className={iconButtonStyle({ look: "overlay", className: "absolute start-3 top-3 sm:start-4 sm:top-4" })}
            >
              <X aria-hidden />
            </Dialog.Close>
            <div className="absolute end-3 top-3 flex gap-1 sm:end-4 sm:top-4">
              <IconButton label={text("zoomOut")} look="overlay" disabled={view.scale === 1} onClick={() => setView(zoomAt(view, 1 / STEP))}>
                <ZoomOut aria-hidden />
              </IconButton>
              <IconButton label={text("zoomIn")} look="overlay" onClick={() => setView(zoomAt(view, STEP))}>
                <ZoomIn aria-hidden />
              </IconButton>
            </div>
            {previousId ? (
              <IconButton
                label={text("previous")}
                look="overlay"
                className="absolute start-3 top-1/2 -translate-y-1/2 sm:start-4"
                onClick={() => onMove(previousId)}
              >
                <ChevronLeft aria-hidden className="rtl:-scale-x-100" />
              </IconButton>
            ) : null}
            {nextId ? (
              <IconButton
                label={text("next")}
                look="overlay"
                className="absolute end-3 top-1/2 -translate-y-1/2 sm:end-4"
                onClick={() => onMove(nextId)}
              >
                <ChevronRight aria-hidden className="rtl:-scale-x-100" />
              </IconButton>
            ) : null}
          </div>
          <LightboxPanel details={details} onDeleted={() => onMove(nextId ?? previousId ?? null)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
