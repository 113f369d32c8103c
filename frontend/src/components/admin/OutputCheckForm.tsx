"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { SelectField } from "@/components/ui/SelectField";
import { Skeleton } from "@/components/ui/Skeleton";
import { TextField } from "@/components/ui/TextField";
import { useCopy } from "@/hooks/useCopy";
import { useSubmit } from "@/hooks/useSubmit";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { OutputCheck, OutputCheckWish } from "@/lib/contract";
import { forgetOutputCheck, setOutputCheck } from "@/lib/moderationCalls";
import { outputCheckQuery } from "@/lib/queries/moderation";

/** The address that looks at pictures before anybody sees them. */
export function OutputCheckForm() {
  const { data: check, error } = useQuery(outputCheckQuery());
  if (error) return <ProblemNotice error={error} />;
  if (!check) return <Skeleton className="h-102" />;
  return <Form key={`${check.url} ${check.when_away}`} check={check} />;
}

function Form({ check }: { check: OutputCheck }) {
  const text = useText("moderation");
  const toasts = useToasts();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: outputCheckQuery().queryKey });
  const { register, handleSubmit, setError, formState } = useForm<OutputCheckWish>({
    defaultValues: { url: check.url ?? "", when_away: check.when_away ?? "block" },
  });
  const { errors, isSubmitting } = formState;
  const { problem, run } = useSubmit<OutputCheckWish>(["url", "when_away"], setError, async (wish) => {
    await setOutputCheck({ ...wish, url: wish.url.trim() });
    toasts.done(text("checkSaved"));
    await refresh();
  });
  const turnOff = () => {
    forgetOutputCheck()
      .then(
        () => toasts.done(text("checkOff")),
        (error: unknown) => toasts.problem(error, text("checkNotOff")),
      )
      .finally(() => void refresh());
  };
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(run)(event)} className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      <p className="text-[15px] break-words">{check.url ? text("checkedBy", { url: check.url }) : text("unchecked")}</p>
      <TextField
        id="check-url"
        label={text("checkUrl")}
        help={text("checkUrlHelp")}
        type="url"
        inputMode="url"
        autoComplete="off"
        maxLength={2000}
        error={errors.url?.message}
        {...register("url", { validate: (value) => value.trim() !== "" || text("missing") })}
      />
      <SelectField id="check-away" label={text("whenAway")} error={errors.when_away?.message} {...register("when_away")}>
        <option value="block">{text("awayBlock")}</option>
        <option value="allow">{text("awayAllow")}</option>
      </SelectField>
      <SigningSecret secret={check.secret} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={isSubmitting}>
          {text(isSubmitting ? "asking" : "save")}
        </Button>
        {check.url ? (
          <Button look="danger" onClick={turnOff}>
            {text("turnCheckOff")}
          </Button>
        ) : null}
      </div>
    </form>
  );
}

/** Not shown to whoever looks over a shoulder until it is asked for. */
function SigningSecret({ secret }: { secret: string }) {
  const text = useText("moderation");
  const copy = useCopy();
  const [shown, setShown] = useState(false);
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm font-medium">{text("secret")}</p>
      <p className="text-[13px] leading-snug text-subtle">{text("secretHelp")}</p>
      {shown ? <p className="font-mono text-sm break-all select-all">{secret}</p> : null}
      <div className="flex flex-wrap gap-2">
        <Button size="small" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {text(shown ? "hideSecret" : "showSecret")}
        </Button>
        <Button size="small" onClick={() => void copy(secret, text("secret"))}>
          {text("copySecret")}
        </Button>
      </div>
    </div>
  );
}
