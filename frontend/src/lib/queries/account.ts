import { queryOptions } from "@tanstack/react-query";
import { getSecondFactor, listKeys, listSessions, previewAccountDeletion } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import type { ApiClient } from "../restClient";
import { accountKeys } from "./keys";

export function sessionsQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: accountKeys.sessions(),
    queryFn: async ({ signal }) => (await listSessions({ client, signal, throwOnError: true })).data.items,
  });
}

export function secondFactorQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: accountKeys.secondFactor(),
    queryFn: async ({ signal }) => (await getSecondFactor({ client, signal, throwOnError: true })).data,
  });
}

export function apiKeysQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: accountKeys.apiKeys(),
    queryFn: async ({ signal }) => (await listKeys({ client, signal, throwOnError: true })).data.items,
  });
}

/** What deleting the account takes, and what is in the way. */
export function deletionPreviewQuery() {
  return queryOptions({
    queryKey: accountKeys.deletion(),
    queryFn: async ({ signal }) => (await previewAccountDeletion({ client: apiClient, signal, throwOnError: true })).data,
  });
}
