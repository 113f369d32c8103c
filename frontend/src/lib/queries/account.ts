import { queryOptions } from "@tanstack/react-query";
import { getSecondFactor, getWantedProof, listKeys, listSessions, previewAccountDeletion } from "@/types/sdk.gen";
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

/** What the account takes as proof that it is really its person; never of before, when it may have been less. */
export function wantedProofQuery() {
  return queryOptions({
    queryKey: accountKeys.proof(),
    queryFn: async ({ signal }) => (await getWantedProof({ client: apiClient, signal, throwOnError: true })).data,
    staleTime: 0,
  });
}

/** What deleting the account takes, and what is in the way. */
export function deletionPreviewQuery() {
  return queryOptions({
    queryKey: accountKeys.deletion(),
    queryFn: async ({ signal }) => (await previewAccountDeletion({ client: apiClient, signal, throwOnError: true })).data,
  });
}
