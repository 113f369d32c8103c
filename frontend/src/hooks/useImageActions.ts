import { useMutation, useQueryClient } from "@tanstack/react-query";
import { deleteImage, updateImage } from "@/lib/calls";
import { UNDO_MS } from "@/lib/constants";
import type { StoredImage } from "@/lib/contract";
import { dropImage, patchImage, restoreGallery, snapshotGallery } from "@/lib/imageCache";
import { deleteLater, takeBack } from "@/lib/pendingDeletes";
import { imageKeys } from "@/lib/queries/keys";
import { showProblem, showUndo } from "@/lib/toasts";

export function useFavorite() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, favorite }: Pick<StoredImage, "id" | "favorite">) => updateImage(id, { favorite }),
    onMutate: ({ id, favorite }) => patchImage(queries, id, { favorite }),
    onSuccess: (image) => patchImage(queries, image.id, { favorite: image.favorite }),
    onError: (error, { id, favorite }) => {
      patchImage(queries, id, { favorite: !favorite });
      showProblem(error, "The favourite could not be saved");
    },
  });
}

/** Deletes with undo instead of "are you sure": the request goes out when the time for undo is over. */
export function useDeleteImage() {
  const queries = useQueryClient();
  const { mutate: send } = useMutation({
    mutationFn: deleteImage,
    onError: (error, imageId) => {
      takeBack(imageId);
      void queries.invalidateQueries({ queryKey: imageKeys.lists() });
      showProblem(error, "The picture could not be deleted");
    },
  });
  return (image: Pick<StoredImage, "id">) => {
    const before = snapshotGallery(queries);
    dropImage(queries, image.id);
    deleteLater(image.id, UNDO_MS, () => send(image.id));
    showUndo("Picture deleted", () => {
      takeBack(image.id);
      restoreGallery(queries, before);
      void queries.invalidateQueries({ queryKey: imageKeys.lists() });
    });
  };
}
