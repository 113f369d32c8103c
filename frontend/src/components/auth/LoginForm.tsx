"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useAuth } from "@/hooks/useAuth";
import { useSmallForm } from "@/hooks/useSmallForm";
import { useText } from "@/hooks/useText";
import { emailError } from "@/lib/emailError";
import { ApiProblem, type ClosingAccount, isProblem } from "@/lib/problem";
import { SecondStepForm } from "./SecondStepForm";

const KeepAccount = lazy(() => import("./KeepAccount").then((module) => ({ default: module.KeepAccount })));

/** The password, and after it the second factor, if there is one. */
export function LoginForm({ next }: { next: string }) {
  const router = useRouter();
  const { signInSecondStep } = useAuth();
  const [token, setToken] = useState<string | null>(null);
  const [expired, setExpired] = useState<unknown>(null);
  const [closing, setClosing] = useState<ClosingAccount | null>(null);
  const [kept, setKept] = useState(false);
  const account = useText("account");
  const enter = () => router.replace(next);
  if (closing) {
    const back = (isKept: boolean) => {
      setClosing(null);
      setToken(null);
      setKept(isKept);
    };
    return (
      <Suspense>
        <KeepAccount closing={closing} onKept={() => back(true)} onLeft={() => back(false)} />
      </Suspense>
    );
  }
  if (token === null) {
    return (
      <div className="flex flex-col gap-6">
        {expired ? <ProblemNotice error={expired} /> : null}
        {kept ? <p role="status">{account("accountKept")}</p> : null}
        <PasswordStep onSignedIn={enter} onSecondStep={setToken} onClosing={setClosing} />
      </div>
    );
  }
  const startAgain = (because: unknown) => {
    setToken(null);
    setExpired(because);
  };
  const send = async (code: string) => {
    try {
      await signInSecondStep(token, code);
      enter();
    } catch (error) {
      if (error instanceof ApiProblem && error.closingAccount) setClosing(error.closingAccount);
      else if (isProblem(error, "sign_in_expired")) startAgain(error);
      else throw error;
    }
  };
  return <SecondStepForm send={send} onStartAgain={() => startAgain(null)} />;
}

interface PasswordStepProps {
  onSignedIn: () => void;
  onSecondStep: (token: string) => void;
  onClosing: (closing: ClosingAccount) => void;
}

function PasswordStep({ onSignedIn, onSecondStep, onClosing }: PasswordStepProps) {
  const text = useText("auth");
  const account = useText("account");
  const { signIn } = useAuth();
  const { form, field, problem, isBusy } = useSmallForm({
    names: ["email", "password"],
    again: "password",
    check: ({ email, password }) => ({
      email: emailError(email, text),
      password: password === "" ? text("passwordMissing") : undefined,
    }),
    send: async ({ email, password }) => {
      try {
        await signIn({ email: email.trim(), password });
        onSignedIn();
      } catch (error) {
        if (error instanceof ApiProblem && error.closingAccount) onClosing(error.closingAccount);
        else if (error instanceof ApiProblem && error.secondStepToken !== null) onSecondStep(error.secondStepToken);
        else throw error;
      }
    },
  });
  return (
    <form {...form} className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      <TextField id="email" label={text("email")} type="email" autoComplete="username" inputMode="email" {...field("email")} />
      <TextField id="password" label={text("password")} type="password" autoComplete="current-password" {...field("password")} />
      <Button type="submit" look="accent" size="large" disabled={isBusy} className="mt-1">
        {isBusy ? text("signingIn") : text("signIn")}
      </Button>
      <p className="text-sm">
        <Link href="/forgot-password" className="text-accent-text underline underline-offset-4">
          {account("forgot")}
        </Link>
      </p>
    </form>
  );
}
