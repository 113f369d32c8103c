import { useState } from "react";
import type { FieldValues, Path, UseFormSetError } from "react-hook-form";
import { showFieldErrors } from "@/lib/formErrors";

export interface Submission<T extends FieldValues> {
  /** What no field shows. */
  problem: unknown;
  /** For handleSubmit: does it, and puts the API's refusals beside the fields they are about. */
  run: (values: T) => Promise<void>;
}

/** A form that sends its values and stays on the page: what is right goes on in `send`. */
export function useSubmit<T extends FieldValues>(
  fields: readonly Path<T>[],
  setError: UseFormSetError<T>,
  send: (values: T) => Promise<void>,
): Submission<T> {
  const [problem, setProblem] = useState<unknown>(null);
  const run = async (values: T) => {
    setProblem(null);
    try {
      await send(values);
    } catch (error) {
      setProblem(showFieldErrors(error, fields, setError));
    }
  };
  return { problem, run };
}
