import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const LOOKS = {
  quiet: "bg-surface-hover text-muted",
  accent: "bg-accent-soft text-accent-text",
  danger: "bg-danger-soft text-danger",
} as const;

export interface BadgeProps {
  look?: keyof typeof LOOKS;
  children: ReactNode;
}

/** A word that says of which kind a thing is. */
export function Badge({ look = "quiet", children }: BadgeProps) {
  return <span className={cn("inline-block rounded-full px-2 py-0.5 text-[12px] font-medium whitespace-nowrap", LOOKS[look])}>{children}</span>;
}
