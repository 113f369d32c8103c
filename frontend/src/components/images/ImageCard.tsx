"use client";

import { Download, Star, Wand2 } from "lucide-react";
import Link from "next/link";
import { IconButton, iconButtonStyle } from "@/components/ui/IconButton";
import { Picture } from "@/components/ui/Picture";
import { useFavorite } from "@/hooks/useImageActions";
import { cn } from "@/lib/cn";
import type { StoredImage } from "@/lib/contract";
import { imageFileName } from "@/lib/format";
import { imageFileUrl } from "@/lib/links";
import { remixHref } from "@/lib/remix";

export interface ImageCardProps {
  image: StoredImage;
  onOpen: (imageId: string) => void;
  eager?: boolean;
}

/** A picture on the wall; what can be done with it shows on hover and focus. */
export function ImageCard({ image, onOpen, eager = false }: ImageCardProps) {
  const favorite = useFavorite();
  return (
    <figure className="group relative overflow-hidden rounded-card">
      <button
        type="button"
        onClick={() => onOpen(image.id)}
        aria-label={`Open “${image.prompt}”`}
        className="block w-full cursor-zoom-in rounded-card focus-visible:-outline-offset-2"
      >
        <Picture
          src={image.thumbnail_url}
          fallbackSrc={imageFileUrl(image.id)}
          alt={image.prompt}
          width={image.width}
          height={image.height}
          placeholder={image.placeholder}
          eager={eager}
          className="rounded-card"
        />
      </button>
      <figcaption className="pointer-events-none absolute inset-x-0 bottom-0 hidden items-end gap-1 p-2 opacity-0 transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100 sm:flex [&>*]:pointer-events-auto">
        <Link
          href={remixHref({ ...image, num_images: null })}
          aria-label={`Remix “${image.prompt}”`}
          title="Remix"
          className={iconButtonStyle({ look: "overlay", size: "small" })}
        >
          <Wand2 aria-hidden />
        </Link>
        <a
          href={image.url}
          download={imageFileName(image.prompt, image.seed)}
          aria-label={`Download “${image.prompt}”`}
          title="Download"
          className={iconButtonStyle({ look: "overlay", size: "small" })}
        >
          <Download aria-hidden />
        </a>
      </figcaption>
      {image.mine ? (
        <IconButton
          label={image.favorite ? "Remove from favourites" : "Add to favourites"}
          aria-pressed={image.favorite}
          look="overlay"
          size="small"
          onClick={() => favorite.mutate({ id: image.id, favorite: !image.favorite })}
          className={cn(
            "absolute top-2 right-2 transition-opacity duration-150",
            image.favorite ? "" : "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-sm:hidden",
          )}
        >
          <Star aria-hidden className={cn(image.favorite && "fill-accent text-accent-text")} />
        </IconButton>
      ) : null}
    </figure>
  );
}
