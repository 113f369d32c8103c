import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getOutputCheck, listModerationDecisions, listModerationRules } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { moderationKeys } from "./keys";

const how = { client: apiClient, throwOnError: true } as const;
const PAGE = 20;

export const TOLD_VERDICTS = ["blocked", "flagged"] as const;
/** What is allowed leaves no trace. */
export type ToldVerdict = (typeof TOLD_VERDICTS)[number];

export function promptRulesQuery() {
  return queryOptions({
    queryKey: moderationKeys.rules(),
    queryFn: async ({ signal }) => (await listModerationRules({ ...how, signal })).data.items,
  });
}

export function outputCheckQuery() {
  return queryOptions({
    queryKey: moderationKeys.outputCheck(),
    queryFn: async ({ signal }) => (await getOutputCheck({ ...how, signal })).data,
  });
}

export function decisionsQuery(verdict: ToldVerdict | undefined) {
  return infiniteQueryOptions({
    queryKey: moderationKeys.decisions(verdict),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, cursor: pageParam ?? undefined, verdict };
      return (await listModerationDecisions({ ...how, query, signal })).data;
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}
