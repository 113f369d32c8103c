import { queryOptions } from "@tanstack/react-query";
import { listTags } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { tagsKey } from "./keys";

/** The visitor's tags, most used first. */
export function tagsQuery() {
  return queryOptions({
    queryKey: tagsKey,
    queryFn: async ({ signal }) => (await listTags({ client: apiClient, signal, throwOnError: true })).data.items,
    staleTime: 60_000,
  });
}
