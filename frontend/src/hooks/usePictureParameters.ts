import { useRouter } from "next/navigation";
import { type DragEvent, useState } from "react";
import { remixHref } from "@/lib/remix";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

/** Reads from a PNG what made it, and opens the form with it. */
export function usePictureParameters(): (file: File | undefined) => Promise<void> {
  const text = useText("generate");
  const toasts = useToasts();
  const router = useRouter();
  return async (file) => {
    if (!file) return;
    const { readParameters } = await import("@/lib/pngParameters");
    const remix = await readParameters(file).catch(() => null);
    if (remix) router.push(remixHref(remix));
    else toasts.fault(text("pictureIsSilent"), text("pictureIsSilentLead"));
  };
}

/** Makes an element a place to drop a picture on; `over` while one is held above it. */
export function usePictureDrop() {
  const read = usePictureParameters();
  const [over, setOver] = useState(false);
  const holdsFile = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return {
    over,
    target: {
      onDragOver: (event: DragEvent) => {
        if (!holdsFile(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        setOver(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        setOver(false);
        if (!holdsFile(event)) return;
        event.preventDefault();
        void read(event.dataTransfer.files[0]);
      },
    },
  };
}
