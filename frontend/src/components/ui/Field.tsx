import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface FieldProps {
  id: string;
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  /** Beside the label, e.g. a count. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** The ids that a control names in `aria-describedby`. */
export function describedBy(id: string, { help, error }: Pick<FieldProps, "help" | "error">): string | undefined {
  const ids = [error && `${id}-error`, help && `${id}-help`].filter(Boolean);
  return ids.length > 0 ? ids.join(" ") : undefined;
}

export function Field({ id, label, help, error, aside, className, children }: FieldProps) {
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {aside ? <span className="tabular text-[13px] text-subtle">{aside}</span> : null}
      </div>
      {children}
      {error ? (
        <p id={`${id}-error`} className="text-[13px] text-danger">
          {error}
        </p>
      ) : null}
      {help ? (
        <p id={`${id}-help`} className="text-[13px] leading-snug text-subtle">
          {help}
        </p>
      ) : null}
    </div>
  );
}
