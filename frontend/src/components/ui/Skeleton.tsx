import { cn } from "@/lib/cn";

/** The place of something that is on its way; what is on its way is said once, by the region around it. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("animate-breathe rounded-lg bg-surface-hover", className)} />;
}
