"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useAuth } from "@/hooks/useAuth";
import type { Credentials } from "@/lib/accountSchema";
import { showFieldErrors } from "@/lib/formErrors";
import { lazyResolver } from "@/lib/lazyResolver";

const resolver = lazyResolver<Credentials>(async () => (await import("@/lib/accountSchema")).credentialsSchema);

export function LoginForm({ next }: { next: string }) {
  const router = useRouter();
  const { signIn } = useAuth();
  const [problem, setProblem] = useState<unknown>(null);
  const { register, handleSubmit, setError, setFocus, resetField, formState } = useForm<Credentials>({
    resolver,
    defaultValues: { email: "", password: "" },
  });
  const { errors, isSubmitting, isSubmitSuccessful } = formState;

  const onSubmit = handleSubmit(async (credentials) => {
    setProblem(null);
    try {
      await signIn(credentials);
      router.replace(next);
    } catch (error) {
      setProblem(showFieldErrors(error, ["email", "password"], setError));
      resetField("password");
      setFocus("password");
      throw error;
    }
  });

  return (
    <form noValidate onSubmit={(event) => void onSubmit(event).catch(() => undefined)} className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
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
        autoComplete="current-password"
        error={errors.password?.message}
        {...register("password")}
      />
      <Button type="submit" look="accent" size="large" disabled={isSubmitting || isSubmitSuccessful} className="mt-1">
        {isSubmitting || isSubmitSuccessful ? "Signing in…" : "Sign in"}
      </Button>
    </form>
  );
}
