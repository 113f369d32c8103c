"use client";

import { FileImage } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/ui/Button";
import { usePictureParameters } from "@/hooks/usePictureParameters";
import { useText } from "@/hooks/useText";

/** For who does not drag: chooses a picture and fills the form with what made it. */
export function ReadPicture() {
  const text = useText("generate");
  const read = usePictureParameters();
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button size="small" onClick={() => field.current?.click()}>
        <FileImage aria-hidden /> {text("fromPicture")}
      </Button>
      <input
        ref={field}
        type="file"
        accept="image/png"
        aria-label={text("fromPicture")}
        className="hidden"
        onChange={(event) => {
          void read(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </>
  );
}
