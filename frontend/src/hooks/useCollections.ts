import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { changeCollectionImages, createCollection, deleteCollection, updateCollection } from "@/lib/calls";
import type { Collection, CollectionPatch } from "@/lib/contract";
import { collectionsQuery } from "@/lib/queries/collections";
import { collectionKeys, imageKeys } from "@/lib/queries/keys";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

export function useCollections() {
  const query = useInfiniteQuery(collectionsQuery());
  const collections = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, collections };
}

export function useCollectionActions() {
  const queries = useQueryClient();
  const text = useText("collections");
  const toasts = useToasts();
  const written = (collection: Collection) => {
    queries.setQueryData(collectionKeys.detail(collection.id), collection);
    void queries.invalidateQueries({ queryKey: collectionKeys.lists() });
  };
  const onError = (error: unknown) => toasts.problem(error, text("failed"));
  const create = useMutation({
    mutationFn: ({ name, imageIds }: { name: string; imageIds: string[] }) => createCollection({ name, image_ids: imageIds }),
    onSuccess: (collection) => {
      written(collection);
      toasts.done(text("created", { name: collection.name }));
    },
    onError,
  });
  const change = useMutation({
    mutationFn: ({ id, patch }: { id: string; patch: CollectionPatch }) => updateCollection(id, patch),
    onSuccess: written,
    onError,
  });
  const fill = useMutation({
    mutationFn: ({ id, add = [], remove = [] }: { id: string; add?: string[]; remove?: string[] }) => changeCollectionImages(id, { add, remove }),
    onSuccess: ({ added, removed, collection }) => {
      written(collection);
      void queries.invalidateQueries({ queryKey: imageKeys.lists() });
      if (removed.length > 0) toasts.done(text("removed", { n: removed.length, name: collection.name }));
      else toasts.done(text("added", { n: added.length, name: collection.name }));
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: (id: string) => deleteCollection(id),
    onSuccess: () => void queries.invalidateQueries({ queryKey: collectionKeys.lists() }),
    onError,
  });
  return { create, change, fill, remove };
}
