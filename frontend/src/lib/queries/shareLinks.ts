import { queryOptions } from "@tanstack/react-query";
import { listShareLinks } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { shareLinksKey } from "./keys";

export function shareLinksQuery() {
  return queryOptions({
    queryKey: shareLinksKey,
    queryFn: async ({ signal }) =>
      (await listShareLinks({ client: apiClient, query: { limit: 100 }, signal, throwOnError: true })).data.items,
    staleTime: 10_000,
  });
}
