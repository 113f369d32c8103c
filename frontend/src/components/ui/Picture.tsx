"use client";

import { useState } from "react";
import { useHydrated } from "@/hooks/useHydrated";
import { cn } from "@/lib/cn";
import { placeholderUrl } from "@/lib/placeholder";

export interface PictureProps {
  src: string;
  /** The same in several sizes, for the browser to choose from. */
  srcSet?: readonly { url: string; width: number }[];
  alt: string;
  /** Of the file, for its shape; how large it is shown is up to the place it stands in. */
  width: number;
  height: number;
  placeholder?: string | null;
  /** Tried once when `src` is refused: signed addresses run out. */
  fallbackSrc?: string;
  className?: string;
  eager?: boolean;
}

/** A stored picture: its place is kept by its shape, its hash is shown until it is there. */
export function Picture({ src, srcSet, alt, width, height, placeholder, fallbackSrc, className, eager = false }: PictureProps) {
  const [failed, setFailed] = useState<string | null>(null);
  const [loaded, setLoaded] = useState<string | null>(null);
  const hydrated = useHydrated();
  const current = failed === src && fallbackSrc ? fallbackSrc : src;
  // Only for what is not there yet: to make a picture of a hash takes time, and a gallery has many.
  const hash = hydrated && loaded !== current ? placeholderUrl(placeholder) : null;
  return (
    <span
      className={cn(
        // The hairline gives a dark picture an edge on a dark page.
        "relative block overflow-hidden bg-mat after:absolute after:inset-0 after:rounded-[inherit] after:inset-ring after:inset-ring-hairline",
        className,
      )}
      style={{ aspectRatio: `${width} / ${height}` }}
    >
      {hash ? (
        <img src={hash} alt="" aria-hidden className="absolute inset-0 size-full object-cover" />
      ) : null}
      <img
        src={current}
        srcSet={current === src && srcSet && srcSet.length > 1 ? srcSet.map(({ url, width: w }) => `${url} ${w}w`).join(", ") : undefined}
        sizes={srcSet && srcSet.length > 1 ? "auto, (min-width: 40rem) 20rem, 45vw" : undefined}
        alt={alt}
        width={width}
        height={height}
        loading={eager ? "eager" : "lazy"}
        decoding="async"
        draggable={false}
        ref={(image) => {
          if (image?.complete && image.naturalWidth > 0) setLoaded(current);
        }}
        onLoad={() => setLoaded(current)}
        onError={() => setFailed(src)}
        className="absolute inset-0 size-full object-cover"
      />
    </span>
  );
}
