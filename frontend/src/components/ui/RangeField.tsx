"use client";

import type { ComponentProps, CSSProperties } from "react";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import { controlStyle } from "./controlStyle";
import { describedBy, Field, type FieldProps } from "./Field";

type NumberInput = Omit<ComponentProps<"input">, "id" | "className" | "type" | "value" | "onChange">;

export type RangeFieldProps = NumberInput &
  Omit<FieldProps, "children"> & {
    value: number;
    onValue: (value: number) => void;
    min: number;
    max: number;
    step: number;
  };

/** A slider for feeling one's way, and a number for knowing: both are the same value. */
export function RangeField({ id, label, help, error, aside, className, value, onValue, min, max, step, ...props }: RangeFieldProps) {
  const text = useText("common");
  const shared = { min, max, step, onChange: (event: { target: HTMLInputElement }) => onValue(event.target.valueAsNumber) };
  const fixed = min === max;
  const shown = Number.isNaN(value) ? min : Math.min(Math.max(value, min), max);
  const fill = { "--fill": fixed ? "100%" : `${((shown - min) / (max - min)) * 100}%` } as CSSProperties;
  return (
    <Field {...{ id, label, help, error, aside, className }}>
      <div className="flex items-center gap-4">
        <input
          type="range"
          aria-label={text("rangeSlider", { label })}
          value={shown}
          style={fill}
          disabled={fixed}
          className="slider h-6 min-w-0 flex-1 cursor-pointer rounded-full disabled:opacity-40"
          {...shared}
        />
        <input
          id={id}
          type="number"
          inputMode="decimal"
          value={Number.isNaN(value) ? "" : value}
          readOnly={fixed}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, { help, error })}
          className={cn(controlStyle, "tabular h-11 w-24 shrink-0 px-3 text-end")}
          {...shared}
          {...props}
        />
      </div>
    </Field>
  );
}
