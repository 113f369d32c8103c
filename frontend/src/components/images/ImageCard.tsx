"use client";

import { Check, Download, Star, Wand2 } from "lucide-react";
import Link from "next/link";
import { memo, type MouseEvent } from "react";
import { IconButton, iconButtonStyle } from "@/components/ui/IconButton";
import { Picture } from "@/components/ui/Picture";
import { useFavorite } from "@/hooks/useImageActions";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import type { StoredImage } from "@/lib/contract";
import { imageFileName } from "@/lib/format";
import { imageFileUrl } from "@/lib/links";
import { remixHref } from "@/lib/remix";

export interface ImageCardProps {
  image: StoredImage;
  onPress: (imageId: string, event: MouseEvent) => void;
  /** The check mark was used; `range` takes all from the last one. */
  onChoose: (imageId: string, range: boolean) => void;
  chosen: boolean;
  selecting: boolean;
  /** Of a wall of pictures one is in the tab order; the arrow keys go to the others. */
  inTabOrder: boolean;
  eager?: boolean;
}

const SHOWN_ON_HOVER = "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-sm:hidden";

/** A picture on the wall; what can be done with it shows on hover and focus. */
export const ImageCard = memo(function ImageCard({ image, onPress, onChoose, chosen, selecting, inTabOrder, eager = false }: ImageCardProps) {
  const text = useText("images");
  const favorite = useFavorite();
  const tabIndex = inTabOrder ? 0 : -1;
  return (
    <figure className="group relative size-full overflow-hidden rounded-card">
      <button
        type="button"
        data-card={image.id}
        tabIndex={tabIndex}
        onClick={(event) => onPress(image.id, event)}
        aria-label={text(selecting ? "choose" : "open", { prompt: image.prompt })}
        aria-pressed={selecting ? chosen : undefined}
        className={cn(
          "block w-full rounded-card focus-visible:-outline-offset-2",
          selecting ? "cursor-pointer" : "cursor-zoom-in",
          chosen && "p-2 transition-[padding] duration-150",
        )}
      >
        <Picture
          src={image.thumbnail_url}
          srcSet={image.thumbnails}
          fallbackSrc={imageFileUrl(image.id)}
          alt={image.prompt}
          width={image.width}
          height={image.height}
          placeholder={image.placeholder}
          eager={eager}
          className="rounded-card"
        />
      </button>
      <button
        type="button"
        tabIndex={tabIndex}
        aria-label={text("choose", { prompt: image.prompt })}
        aria-pressed={chosen}
        onClick={(event) => onChoose(image.id, event.shiftKey)}
        className={cn(
          "absolute start-2 top-2 grid size-8 place-items-center rounded-full transition-opacity duration-150",
          chosen ? "bg-accent text-accent-foreground" : "bg-background/80 text-foreground backdrop-blur-sm",
          !chosen && !selecting && SHOWN_ON_HOVER,
        )}
      >
        <Check aria-hidden className={cn("size-4", !chosen && "opacity-60")} />
      </button>
      <figcaption className="pointer-events-none absolute inset-x-0 bottom-0 hidden items-end gap-1 p-2 opacity-0 transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100 sm:flex [&>*]:pointer-events-auto">
        <Link
          href={remixHref({ ...image, num_images: null })}
          tabIndex={tabIndex}
          aria-label={text("remixOf", { prompt: image.prompt })}
          title={text("remix")}
          className={iconButtonStyle({ look: "overlay", size: "small" })}
        >
          <Wand2 aria-hidden />
        </Link>
        <a
          href={image.url}
          tabIndex={tabIndex}
          download={imageFileName(image.prompt, image.seed)}
          aria-label={text("downloadOf", { prompt: image.prompt })}
          title={text("download")}
          className={iconButtonStyle({ look: "overlay", size: "small" })}
        >
          <Download aria-hidden />
        </a>
      </figcaption>
      {image.mine ? (
        <IconButton
          label={image.favorite ? text("removeFavourite") : text("addFavourite")}
          tabIndex={tabIndex}
          aria-pressed={image.favorite}
          look="overlay"
          size="small"
          onClick={() => favorite.mutate({ id: image.id, favorite: !image.favorite })}
          className={cn("absolute end-2 top-2 transition-opacity duration-150", image.favorite ? "" : SHOWN_ON_HOVER)}
        >
          <Star aria-hidden className={cn(image.favorite && "fill-accent text-accent-text")} />
        </IconButton>
      ) : null}
    </figure>
  );
});
