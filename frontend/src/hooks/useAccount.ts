import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { apiKeysQuery, secondFactorQuery, sessionsQuery } from "@/lib/queries/account";
import { accountKeys } from "@/lib/queries/keys";

export function useSessions() {
  return useQuery(sessionsQuery());
}

export function useSecondFactor() {
  return useQuery(secondFactorQuery());
}

export function useApiKeys() {
  return useQuery(apiKeysQuery());
}

/** After something of the account has changed: whatever of it is on the page is asked for anew. */
export function useRefreshAccount(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(() => queries.invalidateQueries({ queryKey: accountKeys.all }), [queries]);
}
