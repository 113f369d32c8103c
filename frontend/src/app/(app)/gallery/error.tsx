"use client";

import { LatePageError } from "@/components/shell/LatePageError";
import { useText } from "@/hooks/useText";

export default function GalleryError(props: { error: Error & { digest?: string }; reset: () => void }) {
  const text = useText("common");
  return <LatePageError {...props} lead={text("galleryBrokeLead")} way={{ href: "/gallery", label: text("wholeGallery") }} />;
}
