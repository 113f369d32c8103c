"use client";

import { useText } from "@/hooks/useText";
import { keepAccount } from "@/lib/accountCalls";
import { ConfirmByLink } from "./ConfirmByLink";

export function RestoreAccount() {
  const text = useText("account");
  const signIn = { href: "/login", label: text("signInNow") };
  // Signing in takes it back as well, as long as there is anything to take back.
  return (
    <ConfirmByLink confirm={keepAccount} label={text("keepAccount")} done={text("accountKept")} next={signIn} instead={signIn} />
  );
}
