"use client";

import Link from "next/link";
import { useState } from "react";
import { Button, buttonStyle } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useLinkToken } from "@/hooks/useLinkToken";
import { useSmallForm } from "@/hooks/useSmallForm";
import { useText } from "@/hooks/useText";
import { resetPassword } from "@/lib/accountCalls";
import { PASSWORD_LENGTH } from "@/lib/constants";
import { ApiProblem } from "@/lib/problem";
import { LinkNotWhole } from "./LinkNotWhole";

export function ResetPasswordForm() {
  const token = useLinkToken();
  // Another link, another form: nothing of the one before is said about it.
  return <FormOfLink key={token ?? ""} token={token} />;
}

function FormOfLink({ token }: { token: string | null | undefined }) {
  const text = useText("account");
  const [done, setDone] = useState(false);
  const [over, setOver] = useState<unknown>(null);
  const { form, field, problem, isBusy } = useSmallForm({
    names: ["password"],
    check: ({ password }) => ({
      password: password.length < PASSWORD_LENGTH ? text("tooShort", { n: PASSWORD_LENGTH }) : undefined,
    }),
    send: async ({ password }) => {
      try {
        await resetPassword(token ?? "", password);
        setDone(true);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.fields.every(({ code }) => code !== "link_not_valid")) throw error;
        setOver(error);
      }
    },
  });
  if (token === null || over) return <LinkNotWhole problem={over} href="/forgot-password" action={text("askAgain")} />;
  if (done) {
    return (
      <div role="status" className="flex flex-col items-start gap-5">
        <p className="text-[15px]">{text("passwordSet")}</p>
        <Link href="/login" className={buttonStyle({ look: "accent", size: "large" })}>
          {text("signInNow")}
        </Link>
      </div>
    );
  }
  return (
    <form {...form} className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      <TextField
        id="password"
        label={text("newPassword")}
        type="password"
        autoComplete="new-password"
        maxLength={256}
        help={text("passwordHelp", { length: PASSWORD_LENGTH })}
        {...field("password")}
      />
      <Button type="submit" look="accent" size="large" disabled={isBusy || token === undefined}>
        {isBusy ? text("saving") : text("setPassword")}
      </Button>
    </form>
  );
}
