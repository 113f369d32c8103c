"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useAuth } from "@/hooks/useAuth";
import type { Account } from "@/lib/accountSchema";
import { PASSWORD_LENGTH } from "@/lib/constants";
import { showFieldErrors } from "@/lib/formErrors";
import { lazyResolver } from "@/lib/lazyResolver";

const resolver = lazyResolver<Account>(async () => (await import("@/lib/accountSchema")).accountSchema);

export function RegisterForm({ next, submitLabel }: { next: string; submitLabel: string }) {
  const router = useRouter();
  const { register: createAccount } = useAuth();
  const [problem, setProblem] = useState<unknown>(null);
  const { register, handleSubmit, setError, formState } = useForm<Account>({
    resolver,
    defaultValues: { name: "", email: "", password: "" },
    mode: "onTouched",
  });
  const { errors, isSubmitting, isSubmitSuccessful } = formState;

  const onSubmit = handleSubmit(async (account) => {
    setProblem(null);
    try {
      await createAccount(account);
      router.replace(next);
    } catch (error) {
      setProblem(showFieldErrors(error, ["name", "email", "password"], setError));
      throw error;
    }
  });

  return (
    <form noValidate onSubmit={(event) => void onSubmit(event).catch(() => undefined)} className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} advice="What you filled in is kept." /> : null}
      <TextField id="name" label="Name" autoComplete="name" error={errors.name?.message} {...register("name")} />
      <TextField
        id="email"
        label="Email"
        type="email"
        autoComplete="username"
        inputMode="email"
        error={errors.email?.message}
        {...register("email")}
      />
      <TextField
        id="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        help={`${PASSWORD_LENGTH} characters or more; a few words are better than a riddle.`}
        error={errors.password?.message}
        {...register("password")}
      />
      <Button type="submit" look="accent" size="large" disabled={isSubmitting || isSubmitSuccessful} className="mt-1">
        {isSubmitting || isSubmitSuccessful ? "Creating the account…" : submitLabel}
      </Button>
    </form>
  );
}
