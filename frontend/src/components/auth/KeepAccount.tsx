"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { keepAccount } from "@/lib/accountCalls";
import type { ClosingAccount } from "@/lib/problem";

export interface KeepAccountProps {
  closing: ClosingAccount;
  onKept: () => void;
  onLeft: () => void;
}

/** Instead of a session, when everything else about signing in was right: the account is going to be deleted. */
export function KeepAccount({ closing, onKept, onLeft }: KeepAccountProps) {
  const text = useText("account");
  const formats = useFormats();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const keep = () => {
    setBusy(true);
    keepAccount(closing.token).then(onKept, (error: unknown) => {
      setBusy(false);
      setProblem(error);
    });
  };
  return (
    <div className="flex flex-col gap-5">
      <div role="alert">
        <h2 className="text-lg font-semibold tracking-tight">{text("closingTitle")}</h2>
        <p className="mt-1 text-sm text-muted">{text("closingLead", { date: formats.dateTime(closing.due_at) })}</p>
      </div>
      {problem ? <ProblemNotice error={problem} /> : null}
      <Button look="accent" size="large" disabled={busy} onClick={keep}>
        {text(busy ? "confirming" : "keepAccount")}
      </Button>
      <Button look="quiet" onClick={onLeft}>
        {text("leaveItSo")}
      </Button>
    </div>
  );
}
