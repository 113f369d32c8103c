import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const buttonStyle = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-full font-medium transition-colors duration-150 disabled:opacity-45 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        accent: "bg-accent text-accent-foreground enabled:hover:bg-accent-hover",
        solid: "bg-foreground text-background enabled:hover:bg-muted",
        outline: "border border-border bg-surface text-foreground hover:bg-surface-hover",
        quiet: "text-muted hover:bg-surface-hover hover:text-foreground",
        danger: "text-danger hover:bg-danger-soft",
      },
      size: {
        small: "h-8 px-3 text-[13px] [&_svg]:size-3.5",
        medium: "h-10 px-4.5 text-sm [&_svg]:size-4",
        large: "h-12 px-6 text-[15px] [&_svg]:size-4.5",
      },
    },
    defaultVariants: { look: "outline", size: "medium" },
  },
);

export type ButtonProps = ComponentProps<"button"> & VariantProps<typeof buttonStyle>;

export function Button({ look, size, className, type = "button", ...props }: ButtonProps) {
  return <button type={type} className={cn(buttonStyle({ look, size }), className)} {...props} />;
}
