"use client";

import { lazy } from "react";
import { Later } from "@/components/ui/Later";
import { Section } from "@/components/ui/Section";
import { useText } from "@/hooks/useText";
import type { Me } from "@/lib/contract";

const ApiKeys = lazy(() => import("./ApiKeys").then((module) => ({ default: module.ApiKeys })));
const ChangePassword = lazy(() => import("./ChangePassword").then((module) => ({ default: module.ChangePassword })));
const SecondFactor = lazy(() => import("./SecondFactor").then((module) => ({ default: module.SecondFactor })));

/** What guards the account, and who may act for it. */
export function AccountSections({ me }: { me: Me }) {
  const text = useText("account");
  const mayHaveKeys = me.scopes.includes("keys:manage");
  return (
    <>
      <Section title={text("password")} lead={text("passwordLead")}>
        {me.user.has_password ? (
          <Later className="h-60">
            <ChangePassword email={me.user.email ?? ""} />
          </Later>
        ) : (
          <p className="text-[15px]">{text("noPassword")}</p>
        )}
      </Section>
      {me.user.has_password ? (
        <Section title={text("factor")} lead={text("factorLead")}>
          <Later className="h-22">
            <SecondFactor />
          </Later>
        </Section>
      ) : null}
      {mayHaveKeys ? (
        <Section title={text("keys")} lead={text("keysLead")}>
          <Later className="h-22">
            <ApiKeys scopes={me.scopes} />
          </Later>
        </Section>
      ) : null}
    </>
  );
}
