"use client";

import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, Ellipsis } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import { IconButton, iconButtonStyle } from "@/components/ui/IconButton";
import { Menu } from "@/components/ui/Menu";
import type { MenuEntry } from "@/components/ui/menuTypes";
import { useCollectionActions } from "@/hooks/useCollections";
import { useText } from "@/hooks/useText";
import { collectionQuery } from "@/lib/queries/collections";
import type { Selection } from "@/lib/selection";

const ShareDialog = lazy(() => import("@/components/images/ShareDialog").then((module) => ({ default: module.ShareDialog })));
const RenameDialog = lazy(() => import("./RenameDialog").then((module) => ({ default: module.RenameDialog })));

/** Which collection this is, and what can be done with it. */
export function CollectionHeading({ collectionId, selection, onDone }: { collectionId: string; selection: Selection; onDone: () => void }) {
  const text = useText("collections");
  const router = useRouter();
  const { data: collection } = useQuery(collectionQuery(collectionId));
  const { change, remove } = useCollectionActions();
  const [dialog, setDialog] = useState<"share" | "rename" | null>(null);
  const shared = collection?.visibility === "organization";
  const [onlyChosen] = selection.ids.size === 1 ? selection.ids : [];
  const entries: MenuEntry[] = [
    { type: "item", label: text("rename"), onSelect: () => setDialog("rename") },
    {
      type: "item",
      label: text(shared ? "makePrivate" : "shareInside"),
      onSelect: () => change.mutate({ id: collectionId, patch: { visibility: shared ? "private" : "organization" } }),
    },
    { type: "item", label: text("shareLink"), onSelect: () => setDialog("share") },
    ...(onlyChosen
      ? [
          {
            type: "item" as const,
            label: text("makeCover"),
            onSelect: () => change.mutate({ id: collectionId, patch: { cover_image_id: onlyChosen } }, { onSuccess: onDone }),
          },
        ]
      : []),
    { type: "separator" },
    {
      type: "item",
      label: text("delete"),
      onSelect: () => remove.mutate(collectionId, { onSuccess: () => router.push("/collections") }),
    },
  ];
  return (
    <div className="flex min-w-0 items-center gap-2">
      <Link href="/collections" aria-label={text("back")} title={text("back")} className={iconButtonStyle({ size: "small" })}>
        <ChevronLeft aria-hidden className="rtl:-scale-x-100" />
      </Link>
      <h1 className="truncate text-2xl font-semibold tracking-tight">{collection?.name ?? text("one")}</h1>
      {collection ? <span className="tabular shrink-0 text-sm text-subtle">{text("count", { n: collection.image_count })}</span> : null}
      {collection?.mine ? (
        <Menu
          trigger={
            <IconButton label={text("actions")} size="small">
              <Ellipsis aria-hidden />
            </IconButton>
          }
          entries={entries}
        />
      ) : null}
      <Suspense>
        {dialog === "share" ? <ShareDialog open onClose={() => setDialog(null)} target={{ collection_id: collectionId }} /> : null}
        {dialog === "rename" && collection ? (
          <RenameDialog
            name={collection.name}
            onClose={() => setDialog(null)}
            onName={(name) => change.mutate({ id: collectionId, patch: { name } }, { onSuccess: () => setDialog(null) })}
          />
        ) : null}
      </Suspense>
    </div>
  );
}
