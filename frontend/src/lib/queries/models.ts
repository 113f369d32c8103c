import { queryOptions } from "@tanstack/react-query";
import { listModels } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import type { ApiClient } from "../restClient";
import { modelsKey } from "./keys";

export function modelsQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: modelsKey,
    queryFn: async ({ signal }) => (await listModels({ client, signal, throwOnError: true })).data.items,
    staleTime: 5 * 60_000,
  });
}
