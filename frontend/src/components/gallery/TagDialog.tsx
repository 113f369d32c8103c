"use client";

import { X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/TextField";
import { useTags } from "@/hooks/useTags";
import { useText } from "@/hooks/useText";
import type { StoredImage } from "@/lib/contract";

const LONGEST = 50;
const OFFERED = 12;

export interface TagDialogProps {
  open: boolean;
  onClose: () => void;
  images: readonly StoredImage[];
  onTags: (tags: { add_tags?: string[]; remove_tags?: string[] }) => void;
}

/** Tags of the chosen pictures: put on all of them, or taken off all of them. */
export function TagDialog({ open, onClose, images, onTags }: TagDialogProps) {
  const text = useText("gallery");
  const [typed, setTyped] = useState("");
  const { data: known = [] } = useTags();
  const used = [...new Set(images.flatMap((image) => image.tags))].sort();
  const offered = known.filter(({ tag }) => !used.includes(tag)).slice(0, OFFERED);
  const add = (tag: string) => {
    const wanted = tag.trim();
    if (wanted) onTags({ add_tags: [wanted] });
    setTyped("");
  };
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()} title={text("tagsTitle")} description={text("tagsLead", { n: images.length })}>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          add(typed);
        }}
      >
        <div className="flex-1">
          <TextField id="new-tag" label={text("newTag")} value={typed} maxLength={LONGEST} onChange={(event) => setTyped(event.target.value)} />
        </div>
        <Button type="submit" look="accent" className="h-11" disabled={!typed.trim()}>
          {text("add")}
        </Button>
      </form>
      <ul aria-label={text("tagsOn")} className="mt-4 flex flex-wrap gap-1.5">
        {used.map((tag) => (
          <li key={tag}>
            <button
              type="button"
              aria-label={text("removeTag", { tag })}
              onClick={() => onTags({ remove_tags: [tag] })}
              className="inline-flex h-8 items-center gap-1.5 rounded-full bg-accent-soft ps-3 pe-2 text-[13px]"
            >
              {tag}
              <X aria-hidden className="size-3.5" />
            </button>
          </li>
        ))}
      </ul>
      {offered.length > 0 ? (
        <>
          <p className="mt-4 text-[13px] text-subtle">{text("yourTags")}</p>
          <ul className="mt-1.5 flex flex-wrap gap-1.5">
            {offered.map(({ tag }) => (
              <li key={tag}>
                <Button size="small" aria-label={text("addTag", { tag })} onClick={() => add(tag)}>
                  {tag}
                </Button>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Dialog>
  );
}
