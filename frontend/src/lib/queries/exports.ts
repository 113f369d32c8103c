import { queryOptions } from "@tanstack/react-query";
import { getExport, listExports } from "@/types/sdk.gen";
import { apiClient } from "../apiClient";
import { isListed, isOver, type WholeKind } from "../exports";

const ASK_AGAIN_MS = 1_000;

export function exportQuery(exportId: string) {
  return queryOptions({
    queryKey: ["exports", exportId],
    queryFn: async ({ signal }) =>
      (await getExport({ client: apiClient, path: { export_id: exportId }, signal, throwOnError: true })).data,
    refetchInterval: ({ state }) => (state.data && isOver(state.data.status) ? false : ASK_AGAIN_MS),
  });
}

/** One's archives of oneself or of the organisation; asked for anew as long as one is being packed. */
export function archivesQuery(kind: WholeKind) {
  return queryOptions({
    queryKey: ["exports", kind],
    queryFn: async ({ signal }) => {
      const { data } = await listExports({ client: apiClient, signal, throwOnError: true });
      return data.items.filter((each) => isListed(kind, each));
    },
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => !isOver(status)) ? ASK_AGAIN_MS : false),
  });
}
