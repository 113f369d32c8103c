import { queryOptions } from "@tanstack/react-query";
import { apiClient as client } from "../apiClient";
import { getSecondFactor, listKeys, listSessions, previewAccountDeletion } from "@/types/sdk.gen";
import { accountKeys } from "./keys";

export function sessionsQuery() {
  return queryOptions({
    queryKey: accountKeys.sessions(),
    queryFn: async ({ signal }) => (await listSessions({ client, signal, throwOnError: true })).data.items,
  });
}

export function secondFactorQuery() {
  return queryOptions({
    queryKey: accountKeys.secondFactor(),
    queryFn: async ({ signal }) => (await getSecondFactor({ client, signal, throwOnError: true })).data,
  });
}

export function apiKeysQuery() {
  return queryOptions({
    queryKey: accountKeys.apiKeys(),
    queryFn: async ({ signal }) => (await listKeys({ client, signal, throwOnError: true })).data.items,
  });
}

/** What deleting the account takes, and what is in the way. */
export function deletionPreviewQuery() {
  return queryOptions({
    queryKey: accountKeys.deletion(),
    queryFn: async ({ signal }) => (await previewAccountDeletion({ client, signal, throwOnError: true })).data,
  });
}
