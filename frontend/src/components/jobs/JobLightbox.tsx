"use client";

import { useQuery } from "@tanstack/react-query";
import { LazyLightbox } from "@/components/images/LazyLightbox";
import type { JobImage } from "@/lib/contract";
import { imageQuery } from "@/lib/queries/images";

export interface JobLightboxProps {
  images: readonly JobImage[];
  openId: string | null;
  onOpenId: (imageId: string | null) => void;
}

/** The lightbox over one job's pictures. */
export function JobLightbox({ images, openId, onOpenId }: JobLightboxProps) {
  const index = images.findIndex((image) => image.id === openId);
  const picture = images[index];
  const { data: details } = useQuery({ ...imageQuery(openId ?? ""), enabled: picture !== undefined });
  return (
    <LazyLightbox
      picture={picture}
      details={details}
      previousId={images[index - 1]?.id}
      nextId={images[index + 1]?.id}
      onMove={onOpenId}
    />
  );
}
