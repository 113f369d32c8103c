import { useMutation, useQueryClient } from "@tanstack/react-query";
import { deleteImage, updateImage } from "@/lib/calls";
import { UNDO_MS } from "@/lib/constants";
import type { StoredImage } from "@/lib/contract";
import { dropImage, patchImage, restoreGallery, snapshotGallery } from "@/lib/imageCache";
import { deleteLater, takeBack } from "@/lib/pendingDeletes";
import { imageKeys } from "@/lib/queries/keys";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

export function useFavorite() {
  const queries = useQueryClient();
  const text = useText("images");
  const toasts = useToasts();
  return useMutation({
    mutationFn: ({ id, favorite }: Pick<StoredImage, "id" | "favorite">) => updateImage(id, { favorite }),
    onMutate: ({ id, favorite }) => patchImage(queries, id, { favorite }),
    onSuccess: (image) => patchImage(queries, image.id, { favorite: image.favorite }),
    onError: (error, { id, favorite }) => {
      patchImage(queries, id, { favorite: !favorite });
      toasts.problem(error, text("favouriteFailed"));
    },
  });
}

export function useVisibility() {
  const queries = useQueryClient();
  const text = useText("images");
  const toasts = useToasts();
  return useMutation({
    mutationFn: ({ id, visibility }: Pick<StoredImage, "id" | "visibility">) => updateImage(id, { visibility }),
    onSuccess: (image) => patchImage(queries, image.id, { visibility: image.visibility }),
    onError: (error) => toasts.problem(error, text("shareFailed")),
  });
}

/** Deletes with undo instead of "are you sure": the request goes out when the time for undo is over. */
export function useDeleteImage() {
  const queries = useQueryClient();
  const text = useText("images");
  const toasts = useToasts();
  const { mutate: send } = useMutation({
    mutationFn: deleteImage,
    onError: (error, imageId) => {
      takeBack(imageId);
      void queries.invalidateQueries({ queryKey: imageKeys.lists() });
      toasts.problem(error, text("deleteFailed"));
    },
  });
  return (image: Pick<StoredImage, "id">) => {
    const before = snapshotGallery(queries);
    dropImage(queries, image.id);
    deleteLater(image.id, UNDO_MS, () => send(image.id));
    toasts.undo(text("deleted"), () => {
      takeBack(image.id);
      restoreGallery(queries, before);
      void queries.invalidateQueries({ queryKey: imageKeys.lists() });
    });
  };
}
