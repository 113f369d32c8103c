import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getOutputCheck, listModerationDecisions, listModerationRules } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import type { ApiClient } from "../restClient";
import { moderationKeys } from "./keys";

const PAGE = 20;

export const TOLD_VERDICTS = ["blocked", "flagged"] as const;
/** What is allowed leaves no trace. */
export type ToldVerdict = (typeof TOLD_VERDICTS)[number];

export function promptRulesQuery(client: ApiClient = apiClient) {
  return queryOptions({
    queryKey: moderationKeys.rules(),
    queryFn: async ({ signal }) => (await listModerationRules({ client, signal, throwOnError: true })).data.items,
  });
}

export function outputCheckQuery() {
  return queryOptions({
    queryKey: moderationKeys.outputCheck(),
    queryFn: async ({ signal }) => (await getOutputCheck({ client: apiClient, signal, throwOnError: true })).data,
  });
}

export function decisionsQuery(verdict: ToldVerdict | undefined) {
  return infiniteQueryOptions({
    queryKey: moderationKeys.decisions(verdict),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, cursor: pageParam ?? undefined, verdict };
      return (await listModerationDecisions({ client: apiClient, query, signal, throwOnError: true })).data;
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}
