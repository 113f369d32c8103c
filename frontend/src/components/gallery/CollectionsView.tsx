"use client";

import { FolderPlus, Users } from "lucide-react";
import Link from "next/link";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Picture } from "@/components/ui/Picture";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useCollections } from "@/hooks/useCollections";
import { useEndReached } from "@/hooks/useEndReached";
import { useText } from "@/hooks/useText";
import type { Collection } from "@/lib/contract";
import { GalleryTabs } from "./GalleryTabs";

const CollectionDialog = lazy(() => import("./CollectionDialog").then((module) => ({ default: module.CollectionDialog })));

/** All collections that the visitor may see, by their covers. */
export function CollectionsView() {
  const text = useText("collections");
  const common = useText("common");
  const { collections, isPending, isError, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useCollections();
  const [creating, setCreating] = useState(false);
  const end = useEndReached(() => void fetchNextPage(), hasNextPage && !isFetchingNextPage);
  const make = (
    <Button look="accent" onClick={() => setCreating(true)}>
      <FolderPlus aria-hidden /> {text("new")}
    </Button>
  );
  return (
    <div className="mx-auto w-full max-w-[100rem] px-3 pt-4 pb-16 sm:px-6 sm:pt-8">
      <div className="mb-5 flex flex-wrap items-center justify-between gap-3">
        <h1 className="sr-only">{text("title")}</h1>
        <GalleryTabs />
        {collections.length > 0 ? make : null}
      </div>
      {isPending ? (
        <div role="status" aria-label={text("loading")} className="grid grid-cols-2 gap-4 sm:grid-cols-4 lg:grid-cols-6">
          {Array.from({ length: 6 }, (_, key) => (
            <Skeleton key={key} className="aspect-square rounded-card" />
          ))}
        </div>
      ) : isError && collections.length === 0 ? (
        <ProblemNotice
          error={error}
          action={
            <Button size="small" onClick={() => void refetch()}>
              {common("loadAgain")}
            </Button>
          }
        />
      ) : collections.length === 0 ? (
        <EmptyState title={text("empty")} action={make}>
          {text("emptyLead")}
        </EmptyState>
      ) : (
        <ul aria-label={text("title")} className="grid grid-cols-2 gap-x-3 gap-y-6 sm:grid-cols-4 sm:gap-x-4 lg:grid-cols-6">
          {collections.map((collection) => (
            <li key={collection.id}>
              <CollectionCard collection={collection} />
            </li>
          ))}
        </ul>
      )}
      <div ref={end} />
      {creating ? (
        <Suspense>
          <CollectionDialog open onClose={() => setCreating(false)} imageIds={[]} />
        </Suspense>
      ) : null}
    </div>
  );
}

function CollectionCard({ collection }: { collection: Collection }) {
  const text = useText("collections");
  const { cover } = collection;
  return (
    <Link href={`/gallery?collection=${collection.id}&sort=arranged`} className="group block rounded-card">
      <span className="block aspect-square overflow-hidden rounded-card bg-mat">
        {cover ? <Picture src={cover.thumbnail_url} alt="" width={1} height={1} placeholder={cover.placeholder} className="rounded-card" /> : null}
      </span>
      <span className="mt-2 flex items-center gap-1.5 text-sm font-medium">
        <span className="truncate group-hover:underline">{collection.name}</span>
        {collection.visibility === "organization" ? <Users aria-label={text("isShared")} className="size-3.5 shrink-0 text-subtle" /> : null}
      </span>
      <span className="tabular block text-[13px] text-subtle">{text("count", { n: collection.image_count })}</span>
    </Link>
  );
}
