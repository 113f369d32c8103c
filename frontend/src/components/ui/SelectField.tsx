import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { controlStyle } from "./controlStyle";
import { describedBy, Field, type FieldProps } from "./Field";

export type SelectFieldProps = Omit<ComponentProps<"select">, "id" | "className"> & Omit<FieldProps, "children">;

/** The browser's own select: the best one on a phone. */
export function SelectField({ id, label, help, error, aside, className, children, ...props }: SelectFieldProps & Pick<FieldProps, "children">) {
  return (
    <Field {...{ id, label, help, error, aside, className }}>
      <div className="relative">
        <select
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, { help, error })}
          className={cn(controlStyle, "h-11 w-full appearance-none pe-10")}
          {...props}
        >
          {children}
        </select>
        <ChevronDown aria-hidden className="pointer-events-none absolute top-1/2 end-3.5 size-4 -translate-y-1/2 text-subtle" />
      </div>
    </Field>
  );
}
