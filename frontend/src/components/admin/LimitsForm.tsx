"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { TextField } from "@/components/ui/TextField";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { Limits } from "@/lib/contract";
import { changeLimits } from "@/lib/organizationCalls";
import { limitsQuery } from "@/lib/queries/organization";

const FIELDS = [
  { key: "monthly", label: "monthly", step: "any" },
  { key: "open_jobs", label: "openJobs", step: "1" },
  { key: "member_monthly", label: "memberMonthly", step: "any" },
  { key: "member_open_jobs", label: "memberOpenJobs", step: "1" },
] as const;

type Values = Record<(typeof FIELDS)[number]["key"], string>;

export function LimitsForm() {
  const { data: limits, error } = useQuery(limitsQuery());
  if (error) return <ProblemNotice error={error} />;
  return limits ? <Form limits={limits} /> : <Skeleton className="h-75" />;
}

function shown(value: number | null): string {
  return value === null ? "" : String(value);
}

function kept(value: string): number | null {
  return value.trim() === "" ? null : Number(value);
}

function Form({ limits }: { limits: Limits }) {
  const text = useText("admin");
  const formats = useFormats();
  const toasts = useToasts();
  const queries = useQueryClient();
  const { organization, quota } = limits;
  const [values, setValues] = useState<Values>({
    monthly: shown(organization.monthly),
    open_jobs: shown(organization.open_jobs),
    member_monthly: shown(organization.member_monthly),
    member_open_jobs: shown(organization.member_open_jobs),
  });
  const [problem, setProblem] = useState<unknown>(null);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setProblem(null);
    changeLimits({
      monthly: kept(values.monthly),
      open_jobs: kept(values.open_jobs),
      member_monthly: kept(values.member_monthly),
      member_open_jobs: kept(values.member_open_jobs),
    }).then(() => {
      toasts.done(text("saved"));
      void queries.invalidateQueries({ queryKey: limitsQuery().queryKey });
    }, setProblem);
  };
  const ceiling = organization.installation_monthly;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {problem ? <ProblemNotice error={problem} /> : null}
      <p className="tabular text-[15px]">
        {quota.limit === null
          ? text("usedOnly", { used: formats.number(quota.used) })
          : text("usedOf", { used: formats.number(quota.used), limit: formats.number(quota.limit) })}
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map(({ key, label, step }) => (
          <TextField
            key={key}
            id={`limit-${key}`}
            label={text(label)}
            type="number"
            inputMode="decimal"
            min={0}
            step={step}
            value={values[key]}
            onChange={(event) => setValues({ ...values, [key]: event.target.value })}
            help={
              key === "monthly" && ceiling !== null
                ? text("installationHolds", { limit: formats.number(ceiling) })
                : text("emptyIsNone")
            }
          />
        ))}
      </div>
      <Button type="submit" className="self-start">
        {text("save")}
      </Button>
    </form>
  );
}
