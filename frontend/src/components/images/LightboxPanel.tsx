"use client";

import { Download, Link2, Star, Trash2, Users, Wand2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button, buttonStyle } from "@/components/ui/Button";
import { IconButton, iconButtonStyle } from "@/components/ui/IconButton";
import { Skeleton } from "@/components/ui/Skeleton";
import { useFormats } from "@/hooks/useFormats";
import { useDeleteImage, useFavorite, useVisibility } from "@/hooks/useImageActions";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import type { StoredImage } from "@/lib/contract";
import { imageFileName } from "@/lib/format";
import { statusPath } from "@/lib/links";
import { remixHref } from "@/lib/remix";
import { ShareDialog } from "./ShareDialog";

function Fact({ name, children }: { name: string; children: string | number }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-subtle">{name}</dt>
      <dd className="truncate text-end font-mono text-[13px]">{children}</dd>
    </div>
  );
}

export function LightboxPanel({ details, onDeleted }: { details: StoredImage | undefined; onDeleted: () => void }) {
  const text = useText("images");
  const formats = useFormats();
  const favorite = useFavorite();
  const remove = useDeleteImage();
  const visibility = useVisibility();
  const [sharing, setSharing] = useState(false);
  if (!details) {
    return (
      <aside aria-busy className="flex flex-col gap-4 p-6">
        <Skeleton className="h-6 w-3/4" />
        <Skeleton className="h-32 w-full" />
      </aside>
    );
  }
  return (
    <aside className="flex flex-col gap-6 overflow-y-auto border-border p-6 max-lg:border-t lg:border-s">
      <div className="flex items-center gap-1">
        <Link
          href={remixHref({ ...details, num_images: null })}
          className={buttonStyle({ look: "accent", className: "me-auto" })}
        >
          <Wand2 aria-hidden /> {text("remix")}
        </Link>
        {details.mine ? (
          <IconButton
            label={details.favorite ? text("removeFavourite") : text("addFavourite")}
            aria-pressed={details.favorite}
            onClick={() => favorite.mutate({ id: details.id, favorite: !details.favorite })}
          >
            <Star aria-hidden className={cn(details.favorite && "fill-accent text-accent-text")} />
          </IconButton>
        ) : null}
        <a
          href={details.url}
          download={imageFileName(details.prompt, details.seed)}
          aria-label={text("download")}
          title={text("download")}
          className={iconButtonStyle()}
        >
          <Download aria-hidden />
        </a>
        {details.mine ? (
          <IconButton
            label={text("delete")}
            look="danger"
            onClick={() => {
              remove(details);
              onDeleted();
            }}
          >
            <Trash2 aria-hidden />
          </IconButton>
        ) : null}
      </div>
      <div>
        <p className="text-[17px] leading-relaxed break-words whitespace-pre-wrap">{details.prompt}</p>
        {details.negative_prompt ? (
          <p className="mt-2 text-sm break-words text-muted">
            <span className="text-subtle">{text("without")} </span>
            {details.negative_prompt}
          </p>
        ) : null}
      </div>
      <dl className="tabular flex flex-col gap-2 text-sm">
        <Fact name={text("size")}>{`${details.width} × ${details.height}`}</Fact>
        <Fact name={text("seed")}>{details.seed}</Fact>
        <Fact name={text("steps")}>{details.steps}</Fact>
        <Fact name={text("guidance")}>{details.guidance}</Fact>
        <Fact name={text("model")}>{details.model}</Fact>
        <Fact name={text("made")}>{formats.dateTime(details.created_at)}</Fact>
      </dl>
      {details.tags.length > 0 ? (
        <ul aria-label={text("tags")} className="flex flex-wrap gap-1.5">
          {details.tags.map((tag) => (
            <li key={tag}>
              <Link
                href={`/gallery?tag=${encodeURIComponent(tag)}`}
                className="inline-flex h-7 items-center rounded-full bg-surface-sunken px-3 text-[13px] hover:bg-surface-hover"
              >
                {tag}
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
      {details.mine ? (
        <div className="flex flex-wrap gap-2">
          <Button
            size="small"
            aria-pressed={details.visibility === "organization"}
            onClick={() => visibility.mutate({ id: details.id, visibility: details.visibility === "organization" ? "private" : "organization" })}
          >
            <Users aria-hidden /> {text(details.visibility === "organization" ? "sharedInside" : "shareInside")}
          </Button>
          <Button size="small" onClick={() => setSharing(true)}>
            <Link2 aria-hidden /> {text("shareLink")}
          </Button>
          {sharing ? <ShareDialog open onClose={() => setSharing(false)} target={{ image_id: details.id }} /> : null}
        </div>
      ) : null}
      <Link href={statusPath(details.job_id)} className="text-sm text-accent-text underline-offset-4 hover:underline">
        {text("openJob")}
      </Link>
    </aside>
  );
}
