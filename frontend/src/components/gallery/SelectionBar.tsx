"use client";

import { Columns2, FileArchive, FolderMinus, FolderPlus, Star, Tag, Trash2, Users, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "@/components/ui/IconButton";
import { useBulkActions } from "@/hooks/useBulkActions";
import { useCollectionActions } from "@/hooks/useCollections";
import { useExport } from "@/hooks/useExport";
import { useText } from "@/hooks/useText";
import type { StoredImage } from "@/lib/contract";
import type { Selection } from "@/lib/selection";
import { CollectionDialog } from "./CollectionDialog";
import { CompareDialog } from "./CompareDialog";
import { ExportNotice } from "./ExportNotice";
import { TagDialog } from "./TagDialog";

export interface SelectionBarProps {
  /** Otherwise only an archive in the making is. */
  shown: boolean;
  images: readonly StoredImage[];
  selection: Selection;
  onDone: () => void;
  /** The collection that is shown, if one is. */
  collectionId: string | undefined;
}

/** What can be done with the chosen pictures. */
export function SelectionBar({ shown, images, selection, onDone, collectionId }: SelectionBarProps) {
  const text = useText("gallery");
  const [dialog, setDialog] = useState<"tags" | "collection" | "compare" | null>(null);
  const { change, remove } = useBulkActions();
  const { fill } = useCollectionActions();
  const zip = useExport();
  const chosen = images.filter((image) => selection.ids.has(image.id));
  const ids = chosen.map((image) => image.id);
  const none = ids.length === 0;
  const own = chosen.filter((image) => image.mine).map((image) => image.id);
  const allLiked = !none && chosen.every((image) => image.favorite);
  const allShared = !none && chosen.every((image) => image.visibility === "organization");

  const action = (label: string, icon: ReactNode, onPress: () => void, disabled = own.length === 0, danger = false) => (
    <IconButton label={label} look={danger ? "danger" : "quiet"} disabled={disabled} onClick={onPress}>
      {icon}
    </IconButton>
  );
  return (
    <div className="pointer-events-none fixed inset-x-0 bottom-3 z-30 flex flex-col items-center gap-2 px-3 sm:bottom-6">
      {zip.current ? <ExportNotice current={zip.current} onDismiss={zip.dismiss} /> : null}
      {shown ? (
        <section
          aria-label={text("chosenActions")}
          className="pointer-events-auto flex max-w-full flex-wrap items-center rounded-3xl border border-border bg-surface p-1.5 shadow-lift"
        >
          <IconButton label={text("clearSelection")} onClick={onDone}>
            <X aria-hidden />
          </IconButton>
          <p aria-live="polite" className="tabular shrink-0 px-2 text-sm">
            {text("chosen", { n: ids.length })}
          </p>
          <div className="flex items-center max-sm:w-full max-sm:justify-between sm:gap-0.5">
            {action(text("zip"), <FileArchive aria-hidden />, () => zip.start({ image_ids: ids }), none || zip.starting)}
            {action(text(allLiked ? "unfavourite" : "favourite"), <Star aria-hidden className={allLiked ? "fill-accent text-accent-text" : ""} />, () =>
              change({ image_ids: own, favorite: !allLiked }),
            )}
            {action(text("editTags"), <Tag aria-hidden />, () => setDialog("tags"))}
            {action(text("toCollection"), <FolderPlus aria-hidden />, () => setDialog("collection"), none)}
            {collectionId
              ? action(text("fromCollection"), <FolderMinus aria-hidden />, () => fill.mutate({ id: collectionId, remove: ids }, { onSuccess: onDone }), none)
              : null}
            {action(text(allShared ? "unshare" : "share"), <Users aria-hidden className={allShared ? "text-accent-text" : ""} />, () =>
              change({ image_ids: own, visibility: allShared ? "private" : "organization" }),
            )}
            {action(text("compare"), <Columns2 aria-hidden />, () => setDialog("compare"), ids.length !== 2)}
            {action(
              text("delete"),
              <Trash2 aria-hidden />,
              () => {
                remove(own);
                onDone();
              },
              own.length === 0,
              true,
            )}
          </div>
        </section>
      ) : null}
      <TagDialog open={dialog === "tags"} onClose={() => setDialog(null)} images={chosen} onTags={(tags) => change({ image_ids: own, ...tags })} />
      <CollectionDialog open={dialog === "collection"} onClose={() => setDialog(null)} imageIds={ids} />
      <CompareDialog open={dialog === "compare"} onClose={() => setDialog(null)} images={chosen} />
    </div>
  );
}
