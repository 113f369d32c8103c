"use client";

import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useState } from "react";
import { viewByKey, ZoomStage } from "@/components/images/ZoomStage";
import { iconButtonStyle } from "@/components/ui/IconButton";
import { Picture } from "@/components/ui/Picture";
import { useLast } from "@/hooks/useLast";
import { useText } from "@/hooks/useText";
import type { StoredImage } from "@/lib/contract";
import { imageFileUrl } from "@/lib/links";
import { FIT } from "@/lib/zoom";

const FACTS = ["seed", "steps", "guidance", "model"] as const;

/** Two pictures side by side, looked at alike: what zooms or moves one does it to the other. */
export function CompareDialog({ open, onClose, images }: { open: boolean; onClose: () => void; images: readonly StoredImage[] }) {
  const text = useText("gallery");
  const common = useText("common");
  const facts = useText("images");
  const [view, setView] = useState(FIT);
  const shown = useLast(open && images.length === 2 ? images : undefined) ?? [];
  const [left, right] = shown;
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        if (next) return;
        setView(FIT);
        onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-background" />
        <Dialog.Popup
          onKeyDown={(event) => {
            const next = viewByKey(event.key, view);
            if (next) setView(next);
          }}
          className="fixed inset-0 z-50 grid grid-rows-[auto_minmax(0,1fr)] outline-none"
        >
          <header className="flex items-center justify-between gap-4 p-3 sm:px-5">
            <Dialog.Title className="text-lg font-semibold tracking-tight">{text("compare")}</Dialog.Title>
            <Dialog.Close aria-label={common("close")} className={iconButtonStyle()}>
              <X aria-hidden />
            </Dialog.Close>
          </header>
          <div className="grid min-h-0 gap-px max-sm:grid-rows-2 sm:grid-cols-2">
            {shown.map((image) => (
              <figure key={image.id} className="grid min-h-0 min-w-0 grid-rows-[minmax(0,1fr)_auto] bg-mat">
                <ZoomStage view={view} onView={setView}>
                  <div style={{ width: `min(92cqw, calc(92cqh * ${(image.width / image.height).toFixed(4)}))` }}>
                    <Picture
                      src={image.url}
                      fallbackSrc={imageFileUrl(image.id)}
                      alt={image.prompt}
                      width={image.width}
                      height={image.height}
                      placeholder={image.placeholder}
                      eager
                    />
                  </div>
                </ZoomStage>
                <figcaption className="bg-background p-3 text-sm sm:px-5">
                  <p className="line-clamp-2">{image.prompt}</p>
                  <p className="tabular mt-1 flex flex-wrap gap-x-4 font-mono text-[13px] text-muted">
                    {FACTS.map((name) => (
                      <span key={name} className={left?.[name] !== right?.[name] ? "text-accent-text" : ""}>
                        {facts(name)} {image[name]}
                      </span>
                    ))}
                  </p>
                </figcaption>
              </figure>
            ))}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
