import type { FieldValues, Path, UseFormSetError } from "react-hook-form";
import { ApiProblem, fieldName } from "./problem";

/**
 * Puts the API's `errors[]` beside the fields they are about.
 * @returns the problem when something remains that no field shows.
 */
export function showFieldErrors<T extends FieldValues>(
  error: unknown,
  fields: readonly Path<T>[],
  setError: UseFormSetError<T>,
): ApiProblem | null {
  if (!(error instanceof ApiProblem)) return new ApiProblem({ code: "here" }, 0);
  let unplaced = error.fields.length === 0;
  for (const problem of error.fields) {
    const field = fields.find((name) => name === fieldName(problem.pointer));
    if (field) setError(field, { type: problem.code, message: problem.detail }, { shouldFocus: true });
    else unplaced = true;
  }
  return unplaced ? error : null;
}
