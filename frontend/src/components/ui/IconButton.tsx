import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const iconButtonStyle = cva(
  "grid shrink-0 place-items-center rounded-full transition-colors duration-150 disabled:opacity-45 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        quiet: "text-muted hover:bg-surface-hover hover:text-foreground",
        accent:
          "bg-accent text-accent-foreground enabled:hover:bg-accent-hover disabled:bg-surface-hover disabled:text-subtle disabled:opacity-100",
        danger: "text-muted hover:bg-danger-soft hover:text-danger",
        overlay: "bg-background/80 text-foreground backdrop-blur-sm hover:bg-background",
      },
      size: {
        small: "size-8 [&_svg]:size-4",
        medium: "size-10 [&_svg]:size-[18px]",
      },
    },
    defaultVariants: { look: "quiet", size: "medium" },
  },
);

export type IconButtonProps = Omit<ComponentProps<"button">, "aria-label"> &
  VariantProps<typeof iconButtonStyle> & {
    /** What it does; read aloud, and shown on hover. */
    label: string;
  };

export function IconButton({ label, look, size, className, type = "button", ...props }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={cn(iconButtonStyle({ look, size }), className)}
      {...props}
    />
  );
}
