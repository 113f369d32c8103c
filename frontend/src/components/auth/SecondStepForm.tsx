"use client";

import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useSmallForm } from "@/hooks/useSmallForm";
import { useText } from "@/hooks/useText";

export interface SecondStepFormProps {
  send: (code: string) => Promise<void>;
  onStartAgain: () => void;
}

/** After the password: the code of the authenticator. */
export function SecondStepForm({ send, onStartAgain }: SecondStepFormProps) {
  const text = useText("account");
  const { form, field, problem, isBusy } = useSmallForm({
    names: ["code"],
    again: "code",
    check: ({ code }) => ({ code: code.trim() === "" ? text("missing") : undefined }),
    send: ({ code }) => send(code),
  });
  return (
    <form {...form} className="flex flex-col gap-5">
      <div>
        <h2 className="text-lg font-semibold tracking-tight">{text("secondStepTitle")}</h2>
        <p className="mt-1 text-sm text-muted">{text("secondStepLead")}</p>
      </div>
      {problem ? <ProblemNotice error={problem} /> : null}
      <TextField
        id="code"
        label={text("code")}
        help={text("codeHelp")}
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the page has just asked for it
        autoFocus
        {...field("code")}
      />
      <Button type="submit" look="accent" size="large" disabled={isBusy}>
        {isBusy ? text("confirming") : text("confirm")}
      </Button>
      <Button look="quiet" onClick={onStartAgain}>
        {text("startAgain")}
      </Button>
    </form>
  );
}
