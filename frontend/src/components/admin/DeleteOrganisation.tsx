"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { LateDialog } from "@/components/ui/LateDialog";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useSubmit } from "@/hooks/useSubmit";
import { useText } from "@/hooks/useText";
import type { Me } from "@/lib/contract";
import { closeOrganization } from "@/lib/organizationCalls";
import { organizationQuery } from "@/lib/queries/organization";

type Organisation = Me["organization"];

/** With its name typed, so that it is this one and no mistake; how it is taken back is said by `ClosingNotice`. */
export function DeleteOrganisation({ organization }: { organization: Organisation }) {
  const text = useText("admin");
  const { data: known } = useQuery(organizationQuery());
  const [asking, setAsking] = useState(false);
  const named = { organisation: organization.name };
  if (known?.deletion_due_at) return <p className="text-[15px]">{text("closingAlready")}</p>;
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {text("deleteNamed", named)}
      </Button>
      <LateDialog open={asking} onOpenChange={setAsking} title={text("deleteQuestion", named)} description={text("deleteWarning")}>
        <TypedName organization={organization} onDone={() => setAsking(false)} />
      </LateDialog>
    </>
  );
}

function TypedName({ organization, onDone }: { organization: Organisation; onDone: () => void }) {
  const text = useText("admin");
  const queries = useQueryClient();
  const { register, handleSubmit, setError, control, formState } = useForm({ defaultValues: { name: "" } });
  const { errors, isSubmitting } = formState;
  const typed = useWatch({ control, name: "name" });
  const { problem, run } = useSubmit<{ name: string }>(["name"], setError, async ({ name }) => {
    await closeOrganization(organization.id, name);
    await queries.invalidateQueries({ queryKey: organizationQuery().queryKey });
    onDone();
    // There it is said until when, and how to take it back.
    window.scrollTo({ top: 0 });
  });
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(run)(event)} className="flex flex-col gap-4">
      {problem ? <ProblemNotice error={problem} /> : null}
      <TextField
        id="typed-name"
        label={text("typeName", { organisation: organization.name })}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        error={errors.name?.message}
        {...register("name")}
      />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onDone}>{text("keep")}</Button>
        <Button type="submit" look="danger" disabled={isSubmitting || typed.trim() !== organization.name}>
          {text("delete")}
        </Button>
      </div>
    </form>
  );
}
