"use client";

import { Download, X } from "lucide-react";
import { buttonStyle } from "@/components/ui/Button";
import { IconButton } from "@/components/ui/IconButton";
import { ProgressBar } from "@/components/ui/ProgressBar";
import { useText } from "@/hooks/useText";
import type { Export } from "@/lib/contract";
import { isOver } from "@/lib/exports";

/** How far an archive has come, and where it is when it is done. */
export function ExportNotice({ current, onDismiss }: { current: Export; onDismiss: () => void }) {
  const text = useText("gallery");
  const packed = current.done - current.skipped;
  const words = {
    QUEUED: text("zipWaiting"),
    RUNNING: text("zipRunning", { done: current.done, n: current.image_count }),
    COMPLETED: text("zipReady", { n: packed }),
    FAILED: current.error?.detail ?? text("zipFailed"),
    CANCELED: text("zipFailed"),
  }[current.status];
  return (
    <div role="status" className="pointer-events-auto flex w-96 max-w-full items-center gap-3 rounded-2xl border border-border bg-surface p-3 ps-4 shadow-lift">
      <div className="min-w-0 flex-1">
        <p className="tabular text-sm">{words}</p>
        {isOver(current.status) ? null : <ProgressBar value={current.progress} label={text("zip")} />}
      </div>
      {current.url ? (
        <a href={current.url} download className={buttonStyle({ look: "accent", size: "small" })}>
          <Download aria-hidden /> {text("fetch")}
        </a>
      ) : null}
      <IconButton label={text(isOver(current.status) ? "dismiss" : "zipCancel")} size="small" onClick={onDismiss}>
        <X aria-hidden />
      </IconButton>
    </div>
  );
}
