"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { sendVerificationMail } from "@/lib/accountCalls";

/** Shown while the address is not verified. */
export function VerifyNotice() {
  const text = useText("account");
  const toasts = useToasts();
  const [isSent, setIsSent] = useState(false);
  const send = () =>
    void sendVerificationMail().then(
      () => setIsSent(true),
      (error: unknown) => toasts.problem(error, text("unverified")),
    );
  return (
    <div className="mt-4 flex flex-wrap items-center gap-3 text-sm">
      <p role="status">{isSent ? text("verificationSent") : text("unverified")}</p>
      {isSent ? null : (
        <Button size="small" onClick={send}>
          {text("sendVerification")}
        </Button>
      )}
    </div>
  );
}
