"use client";

import { lazy } from "react";
import { Later } from "@/components/ui/Later";
import { Section } from "@/components/ui/Section";
import { useText } from "@/hooks/useText";
import { PromptRules } from "./PromptRules";
import { TryPrompt } from "./TryPrompt";

const Decisions = lazy(() => import("./Decisions").then((module) => ({ default: module.Decisions })));
const OutputCheckForm = lazy(() => import("./OutputCheckForm").then((module) => ({ default: module.OutputCheckForm })));

/** What the organisation does not want made, and what was made of that. */
export function ModerationView() {
  const text = useText("moderation");
  return (
    <>
      <Section title={text("rules")} lead={text("rulesLead")}>
        <PromptRules />
      </Section>
      <Section title={text("try")} lead={text("tryLead")}>
        <TryPrompt />
      </Section>
      <Section title={text("check")} lead={text("checkLead")}>
        <Later className="h-102">
          <OutputCheckForm />
        </Later>
      </Section>
      <Section title={text("decisions")} lead={text("decisionsLead")}>
        <Later className="h-32">
          <Decisions />
        </Later>
      </Section>
    </>
  );
}
