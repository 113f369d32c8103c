import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getCollection, listCollections } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import type { ApiClient } from "../restClient";
import { collectionKeys } from "./keys";

export function collectionsQuery(client: ApiClient = apiClient) {
  return infiniteQueryOptions({
    queryKey: collectionKeys.lists(),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 60, cursor: pageParam ?? undefined };
      return (await listCollections({ client, query, signal, throwOnError: true })).data;
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
    staleTime: 30_000,
  });
}

export function collectionQuery(collectionId: string, client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: collectionKeys.detail(collectionId),
    queryFn: async ({ signal }) =>
      (await getCollection({ client, path: { collection_id: collectionId }, signal, throwOnError: true })).data,
    staleTime: 30_000,
  });
}
