"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/TextField";
import { useCollectionActions, useCollections } from "@/hooks/useCollections";
import { useText } from "@/hooks/useText";

const LONGEST = 100;

/** Puts pictures into a collection of one's own, or into a new one. */
export function CollectionDialog({ open, onClose, imageIds }: { open: boolean; onClose: () => void; imageIds: string[] }) {
  const text = useText("collections");
  const [name, setName] = useState("");
  const { collections } = useCollections();
  const { create, fill } = useCollectionActions();
  const onSuccess = () => {
    setName("");
    onClose();
  };
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()} title={text("addTitle")} description={text("addLead", { n: imageIds.length })}>
      <ul className="flex max-h-64 flex-col overflow-y-auto">
        {collections
          .filter((collection) => collection.mine)
          .map((collection) => (
            <li key={collection.id}>
              <button
                type="button"
                onClick={() => fill.mutate({ id: collection.id, add: imageIds }, { onSuccess })}
                className="flex min-h-10 w-full items-center justify-between gap-3 rounded-lg px-2.5 text-start text-sm hover:bg-surface-hover"
              >
                <span className="truncate">{collection.name}</span>
                <span className="tabular shrink-0 text-[13px] text-subtle">{collection.image_count}</span>
              </button>
            </li>
          ))}
      </ul>
      <form
        className="mt-3 flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) create.mutate({ name: name.trim(), imageIds }, { onSuccess });
        }}
      >
        <div className="flex-1">
          <TextField id="new-collection" label={text("newName")} value={name} maxLength={LONGEST} onChange={(event) => setName(event.target.value)} />
        </div>
        <Button type="submit" look="accent" disabled={!name.trim() || create.isPending}>
          {text("create")}
        </Button>
      </form>
    </Dialog>
  );
}
