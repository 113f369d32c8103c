"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useAuth } from "@/hooks/useAuth";
import { useSmallForm } from "@/hooks/useSmallForm";
import { useText } from "@/hooks/useText";
import { MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, PASSWORD_LENGTH } from "@/lib/constants";
import { emailError } from "@/lib/emailError";

export function RegisterForm({ next, submitLabel }: { next: string; submitLabel: string }) {
  const text = useText("auth");
  const router = useRouter();
  const { register } = useAuth();
  const { form, field, problem, isBusy } = useSmallForm({
    names: ["name", "email", "password"],
    check: ({ name, email, password }) => ({
      name: name.trim() === "" ? text("nameMissing") : tooLong(name.trim(), MAX_NAME_LENGTH),
      email: emailError(email, text),
      password:
        password.length < PASSWORD_LENGTH ? text("atLeast", { n: PASSWORD_LENGTH }) : tooLong(password, MAX_PASSWORD_LENGTH),
    }),
    send: async ({ name, email, password }) => {
      await register({ name: name.trim(), email: email.trim(), password });
      router.replace(next);
    },
  });
  function tooLong(value: string, most: number): string | undefined {
    return value.length > most ? text("atMost", { n: most }) : undefined;
  }
  return (
    <form {...form} className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} advice={text("kept")} /> : null}
      <TextField id="name" label={text("name")} autoComplete="name" {...field("name")} />
      <TextField id="email" label={text("email")} type="email" autoComplete="username" inputMode="email" {...field("email")} />
      <TextField
        id="password"
        label={text("password")}
        type="password"
        autoComplete="new-password"
        help={text("passwordHelp", { length: PASSWORD_LENGTH })}
        {...field("password")}
      />
      <Button type="submit" look="accent" size="large" disabled={isBusy} className="mt-1">
        {isBusy ? text("creating") : submitLabel}
      </Button>
    </form>
  );
}
