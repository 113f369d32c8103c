import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type BulkChange, changeImages } from "@/lib/calls";
import type { StoredImage } from "@/lib/contract";
import { dropImages, patchImages, restoreGallery, snapshotGallery } from "@/lib/imageCache";
import { collectionKeys, imageKeys, tagsKey } from "@/lib/queries/keys";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

/** What to do with many pictures at once: shown at once, taken back when the server refuses. */
export function useBulkActions() {
  const queries = useQueryClient();
  const text = useText("gallery");
  const toasts = useToasts();
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: imageKeys.lists() });
    void queries.invalidateQueries({ queryKey: tagsKey });
    void queries.invalidateQueries({ queryKey: collectionKeys.all });
  };
  const { mutate } = useMutation({
    mutationFn: (change: BulkChange) => changeImages(change),
    onMutate: (change) => {
      const before = snapshotGallery(queries);
      if (change.deleted) dropImages(queries, change.image_ids);
      else patchImages(queries, change.image_ids, (image) => changed(image, change));
      return before;
    },
    onError: (error, _, before) => {
      if (before) restoreGallery(queries, before);
      toasts.problem(error, text("changeFailed"));
    },
    onSettled: refresh,
  });
  const remove = (imageIds: string[]) => {
    mutate(
      { image_ids: imageIds, deleted: true },
      {
        onSuccess: ({ changed: gone }) => {
          if (gone.length === 0) return;
          toasts.undo(text("deletedMany", { n: gone.length }), () => mutate({ image_ids: gone, deleted: false }));
        },
      },
    );
  };
  return { change: mutate, remove };
}

function changed(image: StoredImage, change: BulkChange): StoredImage {
  const kept = image.tags.filter((tag) => !change.remove_tags?.includes(tag));
  return {
    ...image,
    favorite: change.favorite ?? image.favorite,
    visibility: change.visibility ?? image.visibility,
    tags: [...new Set([...kept, ...(change.add_tags ?? [])])],
  };
}
