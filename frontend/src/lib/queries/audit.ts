import { infiniteQueryOptions } from "@tanstack/react-query";
import { listAuditEvents } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { auditQueryOf, type AuditFilters } from "../auditFilters";
import { auditKey } from "./keys";

const PAGE = 50;
const EXPORT_PATH = "/api/v1/audit/export";

export function auditQuery(filters: AuditFilters) {
  return infiniteQueryOptions({
    queryKey: auditKey(filters),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...auditQueryOf(filters), limit: PAGE, cursor: pageParam ?? undefined };
      return (await listAuditEvents({ client: apiClient, query, signal, throwOnError: true })).data;
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

/** All that the filters leave, as JSON lines: for a link, since it may be longer than a page's memory. */
export function auditExportPath(filters: AuditFilters): string {
  const query = new URLSearchParams(auditQueryOf(filters)).toString();
  return query ? `${EXPORT_PATH}?${query}` : EXPORT_PATH;
}
