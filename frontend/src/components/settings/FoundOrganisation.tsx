"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useSubmit } from "@/hooks/useSubmit";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { found } from "@/lib/organizationCalls";
import { meKey } from "@/lib/queries/keys";

export function FoundOrganisation({ onDone }: { onDone: () => void }) {
  const text = useText("settings");
  const account = useText("account");
  const toasts = useToasts();
  const queries = useQueryClient();
  const { register, handleSubmit, setError, formState } = useForm({ defaultValues: { name: "" } });
  const { errors, isSubmitting } = formState;
  const { problem, run } = useSubmit<{ name: string }>(["name"], setError, async ({ name }) => {
    const made = await found(name.trim());
    await queries.invalidateQueries({ queryKey: meKey });
    toasts.done(text("founded", { organisation: made.name }));
    onDone();
  });
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(run)(event)} className="flex max-w-sm flex-col gap-4">
      {problem ? <ProblemNotice error={problem} /> : null}
      <TextField
        id="new-organisation"
        label={text("foundName")}
        help={text("foundHelp")}
        maxLength={100}
        autoComplete="organization"
        error={errors.name?.message}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- asked for by the button whose place it takes
        autoFocus
        {...register("name", { validate: (value) => value.trim() !== "" || account("missing") })}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="accent" disabled={isSubmitting}>
          {text("foundIt")}
        </Button>
        <Button look="quiet" onClick={onDone}>
          {account("cancel")}
        </Button>
      </div>
    </form>
  );
}
