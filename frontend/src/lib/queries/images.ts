import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getImage, listImages } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { unlessCaughtUp } from "../catchUp";
import type { ApiClient } from "../restClient";
import { GALLERY_PAGE_SIZE } from "../constants";
import { filterQuery, type ImageFilters } from "../imageFilters";
import { isBeingDeleted } from "../pendingDeletes";
import { imageKeys } from "./keys";

export function imagesQuery(filters: ImageFilters, client: ApiClient = apiClient) {
  return infiniteQueryOptions({
    queryKey: imageKeys.list(filters),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filterQuery(filters), limit: GALLERY_PAGE_SIZE, cursor: pageParam ?? undefined };
      const { data } = await listImages({ client, query, signal, throwOnError: true });
      return { ...data, items: data.items.filter((image) => !isBeingDeleted(image.id)) };
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
    staleTime: 30_000,
    refetchOnMount: unlessCaughtUp,
    // Comparing thousands of pictures with themselves at each page costs more than it saves.
    structuralSharing: false,
  });
}

export function imageQuery(imageId: string, client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: imageKeys.detail(imageId),
    queryFn: async ({ signal }) =>
      (await getImage({ client, path: { image_id: imageId }, signal, throwOnError: true })).data,
    staleTime: 30_000,
  });
}
