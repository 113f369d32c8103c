"use client";

import { Section } from "@/components/ui/Section";
import { useText } from "@/hooks/useText";
import { DeadLetters } from "./DeadLetters";
import { Queue } from "./Queue";
import { Workers } from "./Workers";

/** What waits and runs, who works on it, and what came to nothing. */
export function WorkView() {
  const text = useText("admin");
  return (
    <>
      <Section title={text("queue")} lead={text("queueLead")}>
        <Queue />
      </Section>
      <Section title={text("workers")} lead={text("workersLead")}>
        <Workers />
      </Section>
      <Section title={text("deadLetters")} lead={text("deadLettersLead")}>
        <DeadLetters />
      </Section>
    </>
  );
}
