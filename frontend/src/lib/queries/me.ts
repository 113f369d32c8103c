import { queryOptions } from "@tanstack/react-query";
import { apiClient } from "../apiClient";
import type { ApiClient } from "../restClient";
import { getMe } from "@/types/sdk.gen";
import { meKey } from "./keys";

export function meQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: meKey,
    queryFn: async ({ signal }) => (await getMe({ client, signal, throwOnError: true })).data,
    staleTime: 60_000,
  });
}
