"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { ProofForm } from "@/components/ui/ProofForm";
import { Skeleton } from "@/components/ui/Skeleton";
import { useRefreshAccount, useSecondFactor } from "@/hooks/useAccount";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { enrolSecondFactor, confirmSecondFactor, renewRecoveryCodes, turnOffSecondFactor } from "@/lib/accountCalls";
import type { SecondFactorEnrolment } from "@/lib/contract";
import { RecoveryCodes } from "./RecoveryCodes";
import { ScanStep } from "./ScanStep";

type Step = { at: "rest" | "password" | "off" | "renew" } | { at: "scan"; enrolment: SecondFactorEnrolment } | { at: "codes"; codes: string[] };

/** Off → password → scan and confirm → recovery codes → on; each step takes the place of the one before. */
export function SecondFactor() {
  const text = useText("account");
  const formats = useFormats();
  const { data: state, error } = useSecondFactor();
  const refresh = useRefreshAccount();
  const [step, setStep] = useState<Step>({ at: "rest" });
  const rest = () => setStep({ at: "rest" });
  const show = async (codes: string[]) => {
    setStep({ at: "codes", codes });
    await refresh();
  };

  if (error) return <ProblemNotice error={error} />;
  if (!state) return <Skeleton className="h-16" />;
  switch (step.at) {
    case "password":
      return (
        <ProofForm
          asks={["password"]}
          action={text("begin")}
          onCancel={rest}
          send={async ({ password }) => setStep({ at: "scan", enrolment: await enrolSecondFactor(password) })}
        />
      );
    case "scan":
      return (
        <ScanStep enrolment={step.enrolment}>
          <ProofForm
            asks={["code"]}
            action={text("confirm")}
            onCancel={rest}
            send={async ({ code }) => show(await confirmSecondFactor(code))}
          />
        </ScanStep>
      );
    case "codes":
      return <RecoveryCodes codes={step.codes} onKept={rest} />;
    case "renew":
      return (
        <ProofForm
          asks={["password", "code"]}
          action={text("newCodes")}
          onCancel={rest}
          send={async ({ password, code }) => show(await renewRecoveryCodes(password, code))}
        />
      );
    case "off":
      return (
        <ProofForm
          lead={text("turnOffLead")}
          asks={["password", "code"]}
          action={text("turnOff")}
          onCancel={rest}
          send={async ({ password, code }) => {
            await turnOffSecondFactor(password, code);
            await refresh();
            rest();
          }}
        />
      );
    case "rest":
      return (
        <div className="flex flex-col items-start gap-4">
          <p className="text-[15px]">
            {state.enabled && state.confirmed_at
              ? text("factorOn", { date: formats.dateTime(state.confirmed_at), n: state.recovery_codes_left })
              : text("factorOff")}
          </p>
          {state.enabled ? (
            <div className="flex flex-wrap gap-2">
              <Button onClick={() => setStep({ at: "renew" })}>{text("newCodes")}</Button>
              <Button look="danger" onClick={() => setStep({ at: "off" })}>
                {text("turnOff")}
              </Button>
            </div>
          ) : (
            <Button onClick={() => setStep({ at: "password" })}>{text("turnOn")}</Button>
          )}
        </div>
      );
  }
}
