"use client";

import { Download, Star, Trash2, Wand2 } from "lucide-react";
import Link from "next/link";
import { buttonStyle } from "@/components/ui/Button";
import { IconButton, iconButtonStyle } from "@/components/ui/IconButton";
import { Skeleton } from "@/components/ui/Skeleton";
import { useDeleteImage, useFavorite } from "@/hooks/useImageActions";
import { cn } from "@/lib/cn";
import type { StoredImage } from "@/lib/contract";
import { formatDateTime, imageFileName } from "@/lib/format";
import { statusPath } from "@/lib/links";
import { remixHref } from "@/lib/remix";

function Fact({ name, children }: { name: string; children: string | number }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-subtle">{name}</dt>
      <dd className="truncate text-right font-mono text-[13px]">{children}</dd>
    </div>
  );
}

export function LightboxPanel({ details, onDeleted }: { details: StoredImage | undefined; onDeleted: () => void }) {
  const favorite = useFavorite();
  const remove = useDeleteImage();
  if (!details) {
    return (
      <aside aria-busy className="flex flex-col gap-4 p-6">
        <Skeleton className="h-6 w-3/4" />
        <Skeleton className="h-32 w-full" />
      </aside>
    );
  }
  return (
    <aside className="flex flex-col gap-6 overflow-y-auto border-border p-6 max-lg:border-t lg:border-l">
      <div className="flex items-center gap-1">
        <Link
          href={remixHref({ ...details, num_images: null })}
          className={buttonStyle({ look: "accent", className: "mr-auto" })}
        >
          <Wand2 aria-hidden /> Remix
        </Link>
        {details.mine ? (
          <IconButton
            label={details.favorite ? "Remove from favourites" : "Add to favourites"}
            aria-pressed={details.favorite}
            onClick={() => favorite.mutate({ id: details.id, favorite: !details.favorite })}
          >
            <Star aria-hidden className={cn(details.favorite && "fill-accent text-accent-text")} />
          </IconButton>
        ) : null}
        <a
          href={details.url}
          download={imageFileName(details.prompt, details.seed)}
          aria-label="Download"
          title="Download"
          className={iconButtonStyle()}
        >
          <Download aria-hidden />
        </a>
        {details.mine ? (
          <IconButton
            label="Delete"
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
            <span className="text-subtle">Without: </span>
            {details.negative_prompt}
          </p>
        ) : null}
      </div>
      <dl className="tabular flex flex-col gap-2 text-sm">
        <Fact name="Size">{`${details.width} × ${details.height}`}</Fact>
        <Fact name="Seed">{details.seed}</Fact>
        <Fact name="Steps">{details.steps}</Fact>
        <Fact name="Guidance">{details.guidance}</Fact>
        <Fact name="Model">{details.model}</Fact>
        <Fact name="Made">{formatDateTime(details.created_at)}</Fact>
      </dl>
      <Link href={statusPath(details.job_id)} className="text-sm text-accent-text underline-offset-4 hover:underline">
        Open its job
      </Link>
    </aside>
  );
}
