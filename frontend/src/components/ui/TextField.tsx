import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { controlStyle } from "./controlStyle";
import { describedBy, Field, type FieldProps } from "./Field";

export type TextFieldProps = Omit<ComponentProps<"input">, "id" | "className"> & Omit<FieldProps, "children">;

export function TextField({ id, label, help, error, aside, className, ...props }: TextFieldProps) {
  return (
    <Field {...{ id, label, help, error, aside, className }}>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, { help, error })}
        className={cn(controlStyle, "h-11 w-full", props.type === "number" && "tabular")}
        {...props}
      />
    </Field>
  );
}
