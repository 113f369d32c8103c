import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getLimits, getOrganization, getQueue, getUsage, listDeadLetters, listInvitations, listMembers, listWorkers } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { organizationKeys } from "./keys";

const how = { client: apiClient, throwOnError: true } as const;

/** The one that the visitor is signed in to. */
export function organizationQuery() {
  return queryOptions({
    queryKey: organizationKeys.current(),
    queryFn: async ({ signal }) => (await getOrganization({ ...how, signal })).data,
    staleTime: 30_000,
  });
}

export function membersQuery() {
  return queryOptions({
    queryKey: organizationKeys.members(),
    queryFn: async ({ signal }) => (await listMembers({ ...how, signal })).data.items,
  });
}

export function invitationsQuery() {
  return queryOptions({
    queryKey: organizationKeys.invitations(),
    queryFn: async ({ signal }) => (await listInvitations({ ...how, signal })).data.items,
  });
}

export function limitsQuery() {
  return queryOptions({
    queryKey: organizationKeys.limits(),
    queryFn: async ({ signal }) => (await getLimits({ ...how, signal })).data,
  });
}

/** This month's, by day and person. */
export function usageQuery(everyones: boolean) {
  return queryOptions({
    queryKey: organizationKeys.usage(everyones),
    queryFn: async ({ signal }) => (await getUsage({ ...how, query: { everyones }, signal })).data,
  });
}

const LOOK_AGAIN_MS = 5_000;

export function queueQuery() {
  return queryOptions({
    queryKey: organizationKeys.queue(),
    queryFn: async ({ signal }) => (await getQueue({ ...how, signal })).data.items,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function workersQuery() {
  return queryOptions({
    queryKey: organizationKeys.workers(),
    queryFn: async ({ signal }) => (await listWorkers({ ...how, signal })).data.items,
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
      return (await listDeadLetters({ ...how, query, signal })).data;
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}
