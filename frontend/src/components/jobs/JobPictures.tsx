"use client";

import type { ReactNode } from "react";
import { Picture } from "@/components/ui/Picture";
import { useText } from "@/hooks/useText";
import type { JobImage } from "@/lib/contract";
import { cn } from "@/lib/cn";
import { displaySize } from "@/lib/display";
import type { LiveJob } from "@/lib/jobs";
import { imageFileUrl } from "@/lib/links";

export interface JobPicturesProps {
  job: LiveJob;
  onOpen: (image: JobImage) => void;
  /** The longest edge that a picture may be shown with. */
  largest: number;
  eager?: boolean;
}

function Frame({ width, aspect, children, className }: { width: number; aspect: string; children?: ReactNode; className?: string }) {
  return (
    <div
      className={cn("relative max-w-full overflow-hidden rounded-card bg-surface-sunken ring-1 ring-border ring-inset", className)}
      style={{ width, aspectRatio: aspect }}
    >
      {children}
    </div>
  );
}

/** The job's pictures, or frames of their size until they are there: nothing moves when they come. */
export function JobPictures({ job, onOpen, largest, eager = false }: JobPicturesProps) {
  const text = useText("jobs");
  const size = displaySize(job.params, largest);
  const aspect = `${size.width} / ${size.height}`;
  const waiting = job.status === "QUEUED" || job.status === "RUNNING";
  const many = job.params.num_images > 1;
  // On a phone several pictures share the width by two.
  const shrink = many ? "max-sm:!w-[calc(50%-0.25rem)]" : "max-sm:!w-full max-sm:max-w-72";

  if (job.images.length > 0) {
    return (
      <ul className="flex flex-wrap gap-2">
        {job.images.map((image, index) => (
          <li key={image.id} className={shrink} style={{ width: displaySize(image, largest).width }}>
            <button
              type="button"
              onClick={() => onOpen(image)}
              aria-label={text("openPicture", { index: index + 1, count: job.images.length, prompt: job.prompt })}
              className="block w-full cursor-zoom-in rounded-card"
            >
              <Picture
                src={image.url}
                fallbackSrc={imageFileUrl(image.id)}
                alt={job.prompt}
                width={image.width}
                height={image.height}
                placeholder={image.placeholder}
                eager={eager}
                className="rounded-card"
              />
            </button>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div className="flex flex-wrap gap-2">
      {Array.from({ length: waiting ? job.params.num_images : 1 }, (_, index) => (
        <Frame key={index} width={size.width} aspect={aspect} className={cn(shrink, waiting && !job.preview && "animate-breathe")}>
          {waiting && job.preview && index === 0 ? (
            <img src={job.preview} alt={text("preview", { prompt: job.prompt })} className="absolute inset-0 size-full object-cover" />
          ) : null}
        </Frame>
      ))}
    </div>
  );
}
