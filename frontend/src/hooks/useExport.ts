import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cancelExport, exportImages } from "@/lib/calls";
import { isOver } from "@/lib/exports";
import { exportQuery } from "@/lib/queries/exports";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

/** A zip archive in the making: asked for, followed until it ends, taken back. */
export function useExport() {
  const text = useText("gallery");
  const toasts = useToasts();
  const [exportId, setExportId] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: exportImages,
    onSuccess: (made) => setExportId(made.id),
    onError: (error) => toasts.problem(error, text("zipFailed")),
  });
  const followed = useQuery({
    ...exportQuery(exportId ?? ""),
    enabled: exportId !== null,
  });
  const dismiss = () => {
    if (exportId && followed.data && !isOver(followed.data.status)) void cancelExport(exportId).catch(() => undefined);
    setExportId(null);
  };
  const current = exportId === null ? undefined : (followed.data ?? (start.data?.id === exportId ? start.data : undefined));
  return { start: start.mutate, starting: start.isPending, current, dismiss };
}
