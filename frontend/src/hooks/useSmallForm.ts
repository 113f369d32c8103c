import { type SyntheticEvent, useState } from "react";
import { ApiProblem, fieldName } from "@/lib/problem";

type Values<Name extends string> = Record<Name, string>;
type Errors<Name extends string> = Partial<Record<Name, string>>;

export interface SmallFormOptions<Name extends string> {
  names: readonly Name[];
  /** What is wrong before anything is sent, by field. */
  check: (values: Values<Name>) => Errors<Name>;
  /** Whatever it throws is shown: beside the fields that it is about, or as `problem`. */
  send: (values: Values<Name>) => Promise<void>;
  /** Emptied and focused after a refusal that no field shows: the part to type again. */
  again?: Name;
}

export interface SmallForm<Name extends string> {
  /** For the `<form>`. */
  form: { noValidate: true; onSubmit: (event: SyntheticEvent<HTMLFormElement>) => void; onInput: (event: SyntheticEvent<HTMLFormElement>) => void };
  /** For the field of that name. */
  field: (name: Name) => { name: Name; error: string | undefined };
  problem: unknown;
  /** From sending on; after success, too, since the page goes on to something else. */
  isBusy: boolean;
}

function inputOf(form: HTMLFormElement, name: string): HTMLInputElement | null {
  const found = form.elements.namedItem(name);
  return found instanceof HTMLInputElement ? found : null;
}

/**
 * A form of a few text fields without a library, for the pages before the sign-in, which have to come fast. The fields
 * are the browser's own: what somebody typed before the script was there is kept.
 */
export function useSmallForm<Name extends string>({ names, check, send, again }: SmallFormOptions<Name>): SmallForm<Name> {
  const [errors, setErrors] = useState<Errors<Name>>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);

  const show = (form: HTMLFormElement, found: Errors<Name>) => {
    setErrors(found);
    const first = names.find((name) => found[name] !== undefined);
    if (first) inputOf(form, first)?.focus();
    return first !== undefined;
  };
  const onSubmit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = Object.fromEntries(names.map((name) => [name, inputOf(form, name)?.value ?? ""])) as Values<Name>;
    setProblem(null);
    if (show(form, check(values))) return;
    setIsBusy(true);
    send(values).catch((error: unknown) => {
      setIsBusy(false);
      const { found, rest } = placed(error, names);
      setProblem(rest);
      if (show(form, found) || !again) return;
      const input = inputOf(form, again);
      if (!input) return;
      input.value = "";
      input.focus();
    });
  };
  const onInput = ({ target }: SyntheticEvent<HTMLFormElement>) => {
    if (target instanceof HTMLInputElement) setErrors((known) => ({ ...known, [target.name]: undefined }));
  };
  return { form: { noValidate: true, onSubmit, onInput }, field: (name) => ({ name, error: errors[name] }), problem, isBusy };
}

/** The API's `errors[]` by field, and the problem itself when something remains that no field shows. */
function placed<Name extends string>(error: unknown, names: readonly Name[]): { found: Errors<Name>; rest: ApiProblem | null } {
  if (!(error instanceof ApiProblem)) return { found: {}, rest: new ApiProblem({ code: "here" }, 0) };
  const found: Errors<Name> = {};
  let unplaced = error.fields.length === 0;
  for (const { pointer, detail } of error.fields) {
    const name = names.find((each) => each === fieldName(pointer));
    if (name) found[name] = detail;
    else unplaced = true;
  }
  return { found, rest: unplaced ? error : null };
}
