"use client";

import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { SelectField } from "@/components/ui/SelectField";
import { TextField } from "@/components/ui/TextField";
import { useSubmit } from "@/hooks/useSubmit";
import { useText } from "@/hooks/useText";
import { createKey } from "@/lib/accountCalls";
import type { Me } from "@/lib/contract";

const LIFETIMES = [7, 30, 90, 365] as const;
const NO_END = "never";

interface Wanted {
  name: string;
  scopes: Me["scopes"];
  expires_in_days: string;
}

export interface NewKeyFormProps {
  /** What the person may do; a key can have no more. */
  scopes: Me["scopes"];
  onMade: (key: string) => Promise<void>;
  onCancel: () => void;
}

export function NewKeyForm({ scopes, onMade, onCancel }: NewKeyFormProps) {
  const text = useText("account");
  const { register, handleSubmit, setError, formState } = useForm<Wanted>({
    defaultValues: { name: "", scopes: scopes.filter((scope) => /^(images|jobs):/.test(scope)), expires_in_days: "90" },
  });
  const { errors, isSubmitting } = formState;
  const { problem, run } = useSubmit<Wanted>(["name", "scopes", "expires_in_days"], setError, async (wanted) => {
    const days = wanted.expires_in_days === NO_END ? null : Number(wanted.expires_in_days);
    await onMade((await createKey({ name: wanted.name, scopes: wanted.scopes, expires_in_days: days })).key);
  });
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(run)(event)} className="flex max-w-sm flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      <TextField
        id="key-name"
        label={text("keyName")}
        maxLength={100}
        error={errors.name?.message}
        {...register("name", { required: text("missing") })}
      />
      <fieldset aria-describedby={errors.scopes ? "key-scopes-error" : undefined}>
        <legend className="mb-1.5 text-sm font-medium">{text("keyScopes")}</legend>
        <div className="flex flex-col">
          {scopes.map((scope) => (
            <label key={scope} className="flex min-h-8 items-center gap-2.5 font-mono text-sm">
              <input type="checkbox" value={scope} className="size-4 accent-accent" {...register("scopes", { required: text("scopeMissing") })} />
              {scope}
            </label>
          ))}
        </div>
        {errors.scopes ? (
          <p id="key-scopes-error" className="text-[13px] text-danger">
            {errors.scopes.message}
          </p>
        ) : null}
      </fieldset>
      <SelectField id="key-expiry" label={text("keyExpiry")} error={errors.expires_in_days?.message} {...register("expires_in_days")}>
        {LIFETIMES.map((days) => (
          <option key={days} value={days}>
            {text("days", { n: days })}
          </option>
        ))}
        <option value={NO_END}>{text("forEver")}</option>
      </SelectField>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="accent" disabled={isSubmitting}>
          {text("makeKey")}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {text("cancel")}
        </Button>
      </div>
    </form>
  );
}
