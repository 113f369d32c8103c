import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { controlStyle } from "./controlStyle";
import { describedBy, Field, type FieldProps } from "./Field";

export type TextAreaProps = Omit<ComponentProps<"textarea">, "id" | "className"> & Omit<FieldProps, "children">;

/** Grows with its text. */
export function TextArea({ id, label, help, error, aside, className, ...props }: TextAreaProps) {
  return (
    <Field {...{ id, label, help, error, aside, className }}>
      <textarea
        id={id}
        rows={2}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, { help, error })}
        className={cn(controlStyle, "w-full max-h-72 min-h-20 resize-none py-2.5 leading-relaxed field-sizing-content")}
        {...props}
      />
    </Field>
  );
}
