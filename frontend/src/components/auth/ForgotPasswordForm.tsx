"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useSmallForm } from "@/hooks/useSmallForm";
import { useText } from "@/hooks/useText";
import { forgotPassword } from "@/lib/accountCalls";
import { emailError } from "@/lib/emailError";

export function ForgotPasswordForm() {
  const text = useText("account");
  const auth = useText("auth");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { form, field, problem, isBusy } = useSmallForm({
    names: ["email"],
    check: ({ email }) => ({ email: emailError(email, auth) }),
    send: async ({ email }) => {
      await forgotPassword(email.trim());
      setSentTo(email.trim());
    },
  });
  if (sentTo !== null) {
    return (
      <div role="status" className="flex flex-col gap-2 text-[15px] leading-relaxed">
        <p className="break-words">{text("sent", { email: sentTo })}</p>
        <p className="text-sm text-muted">{text("sentNothing")}</p>
      </div>
    );
  }
  return (
    <form {...form} className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      <TextField id="email" label={text("email")} type="email" autoComplete="username" inputMode="email" {...field("email")} />
      <Button type="submit" look="accent" size="large" disabled={isBusy}>
        {isBusy ? text("sending") : text("sendLink")}
      </Button>
    </form>
  );
}
