"use client";

import type { ReactNode } from "react";
import { useForm } from "react-hook-form";
import { useSubmit } from "@/hooks/useSubmit";
import { useText } from "@/hooks/useText";
import type { Proof } from "@/lib/proof";
import { Button } from "./Button";
import { ProblemNotice } from "./ProblemNotice";
import { TextField } from "./TextField";

export interface ProofFormProps {
  lead?: string;
  asks: readonly (keyof Proof)[];
  /** What else is to be filled in, above the proof; until it is `ready`, nothing can be sent. */
  children?: ReactNode;
  ready?: boolean;
  action: string;
  /** What it does can't be undone here. */
  danger?: boolean;
  send: (proof: Proof) => Promise<void>;
  onCancel: () => void;
}

/** Whoever sits before an open session proves that they are its person. */
export function ProofForm({ lead, asks, children, ready = true, action, danger = false, send, onCancel }: ProofFormProps) {
  const text = useText("proof");
  const { register, handleSubmit, setError, formState } = useForm<Proof>({ defaultValues: { password: "", code: "" } });
  const { errors, isSubmitting } = formState;
  const { problem, run } = useSubmit<Proof>(asks, setError, send);
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(run)(event)} className="flex max-w-sm flex-col gap-5">
      {lead ? <p className="text-sm text-muted">{lead}</p> : null}
      {problem ? <ProblemNotice error={problem} /> : null}
      {children}
      {asks.includes("password") ? (
        <TextField
          id="proof-password"
          label={text("currentPassword")}
          type="password"
          autoComplete="current-password"
          error={errors.password?.message}
          {...register("password", { required: text("missing") })}
        />
      ) : null}
      {asks.includes("code") ? (
        <TextField
          id="proof-code"
          label={text("code")}
          autoComplete="one-time-code"
          spellCheck={false}
          error={errors.code?.message}
          {...register("code", { required: text("missing"), minLength: { value: 6, message: text("tooShort", { n: 6 }) } })}
        />
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look={danger ? "danger" : "accent"} disabled={isSubmitting || !ready}>
          {action}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {text("cancel")}
        </Button>
      </div>
    </form>
  );
}
