import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getLimits, getOrganization, getQueue, getUsage, listDeadLetters, listInvitations, listMembers, listWorkers } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import type { ApiClient } from "../restClient";
import { organizationKeys } from "./keys";

/** The one that the visitor is signed in to. */
export function organizationQuery() {
  return queryOptions({
    queryKey: organizationKeys.current(),
    queryFn: async ({ signal }) => (await getOrganization({ client: apiClient, signal, throwOnError: true })).data,
    staleTime: 30_000,
  });
}

export function membersQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: organizationKeys.members(),
    queryFn: async ({ signal }) => (await listMembers({ client, signal, throwOnError: true })).data.items,
  });
}

export function invitationsQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: organizationKeys.invitations(),
    queryFn: async ({ signal }) => (await listInvitations({ client, signal, throwOnError: true })).data.items,
  });
}

export function limitsQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: organizationKeys.limits(),
    queryFn: async ({ signal }) => (await getLimits({ client, signal, throwOnError: true })).data,
  });
}

/** This month's, by day and person. */
export function usageQuery(everyones: boolean, client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: organizationKeys.usage(everyones),
    queryFn: async ({ signal }) => (await getUsage({ client, query: { everyones }, signal, throwOnError: true })).data,
  });
}

const LOOK_AGAIN_MS = 5_000;

export function queueQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: organizationKeys.queue(),
    queryFn: async ({ signal }) => (await getQueue({ client, signal, throwOnError: true })).data.items,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function workersQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: organizationKeys.workers(),
    queryFn: async ({ signal }) => (await listWorkers({ client, signal, throwOnError: true })).data.items,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

const DEAD_LETTERS_PAGE = 20;

/** Jobs that failed after their last attempt, of everybody here. */
export function deadLettersQuery() {
  return infiniteQueryOptions({
    queryKey: organizationKeys.deadLetters(),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: DEAD_LETTERS_PAGE, cursor: pageParam ?? undefined };
      return (await listDeadLetters({ client: apiClient, query, signal, throwOnError: true })).data;
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}
