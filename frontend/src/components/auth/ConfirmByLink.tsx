"use client";

import Link from "next/link";
import { useState } from "react";
import { Button, buttonStyle } from "@/components/ui/Button";
import { useLinkToken } from "@/hooks/useLinkToken";
import { useText } from "@/hooks/useText";
import { LinkNotWhole } from "./LinkNotWhole";

interface Way {
  href: string;
  label: string;
}

export interface ConfirmByLinkProps {
  confirm: (token: string) => Promise<unknown>;
  label: string;
  done: string;
  /** Where to go once it is done. */
  next: Way;
  /** Where to go when the link is good for nothing. */
  instead: Way;
}

/** What the link of a mail is for. By a button: programs that open the links of mails to look at them press none. */
export function ConfirmByLink(props: ConfirmByLinkProps) {
  const token = useLinkToken();
  return <ButtonOfLink key={token ?? ""} token={token} {...props} />;
}

function ButtonOfLink({ token, confirm, label, done, next, instead }: ConfirmByLinkProps & { token: string | null | undefined }) {
  const text = useText("account");
  const [state, setState] = useState<"asking" | "sending" | "done">("asking");
  const [problem, setProblem] = useState<unknown>(null);
  if (token === null || problem) return <LinkNotWhole problem={problem} href={instead.href} action={instead.label} />;
  if (state === "done") {
    return (
      <div role="status" className="flex flex-col items-start gap-5">
        <p className="text-[15px]">{done}</p>
        <Link href={next.href} className={buttonStyle({ look: "accent", size: "large" })}>
          {next.label}
        </Link>
      </div>
    );
  }
  const send = () => {
    setState("sending");
    confirm(token ?? "").then(() => setState("done"), setProblem);
  };
  return (
    <Button look="accent" size="large" disabled={state === "sending" || token === undefined} onClick={send}>
      {state === "sending" ? text("confirming") : label}
    </Button>
  );
}
