import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { controlStyle } from "./controlStyle";

export interface SelectProps extends Omit<ComponentProps<"select">, "className"> {
  /** Of the box around it: how wide it is. */
  className?: string;
}

/** The browser's own select, the best one on a phone, in our clothes. It needs a label, or `aria-label`. */
export function Select({ className, children, ...props }: SelectProps) {
  return (
    <div className={cn("relative", className)}>
      <select className={cn(controlStyle, "h-11 w-full appearance-none pe-10")} {...props}>
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-1/2 end-3.5 size-4 -translate-y-1/2 text-subtle" />
    </div>
  );
}
