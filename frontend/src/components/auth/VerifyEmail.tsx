"use client";

import { useText } from "@/hooks/useText";
import { verifyEmail } from "@/lib/accountCalls";
import { ConfirmByLink } from "./ConfirmByLink";

export function VerifyEmail() {
  const text = useText("account");
  return (
    <ConfirmByLink
      confirm={verifyEmail}
      label={text("verify")}
      done={text("verified")}
      next={{ href: "/", label: text("openStudio") }}
      instead={{ href: "/settings", label: text("askAgain") }}
    />
  );
}
