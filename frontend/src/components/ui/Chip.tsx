import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export type ChipProps = ComponentProps<"button"> & {
  /** What it sets, for those who do not see the place it stands in. */
  label: string;
};

/** A quiet button that shows a setting and opens its choices. */
export function Chip({ label, children, className, ...props }: ChipProps) {
  return (
    <button
      type="button"
      className={cn(
        "tabular inline-flex h-8 min-w-0 items-center gap-1.5 rounded-full px-3 text-[13px] text-muted transition-colors duration-150 hover:bg-surface-hover hover:text-foreground data-popup-open:bg-surface-hover data-popup-open:text-foreground",
        className,
      )}
      {...props}
    >
      <span className="sr-only">{label}: </span>
      <span className="truncate">{children}</span>
      <ChevronDown aria-hidden className="size-3.5 shrink-0 opacity-70" />
    </button>
  );
}
