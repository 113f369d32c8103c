import { describedBy, Field, type FieldProps } from "./Field";
import { Select, type SelectProps } from "./Select";

export type SelectFieldProps = Omit<SelectProps, "id" | "className"> & Omit<FieldProps, "children">;

export function SelectField({ id, label, help, error, aside, className, children, ...props }: SelectFieldProps & Pick<FieldProps, "children">) {
  return (
    <Field {...{ id, label, help, error, aside, className }}>
      <Select id={id} aria-invalid={error ? true : undefined} aria-describedby={describedBy(id, { help, error })} {...props}>
        {children}
      </Select>
    </Field>
  );
}
