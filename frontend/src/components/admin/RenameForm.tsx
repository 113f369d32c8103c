"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { rename } from "@/lib/organizationCalls";
import { meKey } from "@/lib/queries/keys";

export function RenameForm({ name }: { name: string }) {
  const text = useText("admin");
  const toasts = useToasts();
  const queries = useQueryClient();
  const [value, setValue] = useState(name);
  const [problem, setProblem] = useState<unknown>(null);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setProblem(null);
    rename(value).then(() => {
      toasts.done(text("saved"));
      void queries.invalidateQueries({ queryKey: meKey });
    }, setProblem);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {problem ? <ProblemNotice error={problem} /> : null}
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          id="organisation-name"
          label={text("name")}
          required
          maxLength={100}
          value={value}
          onChange={(event) => setValue(event.target.value)}
          className="min-w-0 flex-1 basis-56"
        />
        <Button type="submit" disabled={value.trim() === "" || value === name} className="h-11">
          {text("save")}
        </Button>
      </div>
    </form>
  );
}
