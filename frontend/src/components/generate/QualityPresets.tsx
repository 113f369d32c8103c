"use client";

import { Segments } from "@/components/ui/Segments";
import { useText } from "@/hooks/useText";
import type { Model } from "@/lib/contract";

export interface QualityPresetsProps {
  model: Model;
  steps: number;
  onSteps: (steps: number) => void;
}

/** How much time to spend, for who does not want to think in steps. */
export function QualityPresets({ model, steps, onSteps }: QualityPresetsProps) {
  const text = useText("generate");
  const { limits, defaults } = model;
  const choices = [
    { steps: Math.max(limits.min_steps, Math.round(defaults.steps / 3)), label: text("qualityDraft") },
    { steps: defaults.steps, label: text("qualityStandard") },
    { steps: Math.min(limits.max_steps, defaults.steps * 2), label: text("qualityFine") },
  ].filter((choice, index, all) => all.findIndex((other) => other.steps === choice.steps) === index);
  if (choices.length < 2) return null;
  return (
    <div>
      <p aria-hidden className="mb-3 text-sm font-medium">
        {text("quality")}
      </p>
      <Segments
        label={text("quality")}
        value={String(steps)}
        onValue={(value) => onSteps(Number(value))}
        choices={choices.map((choice) => ({ value: String(choice.steps), label: choice.label }))}
      />
    </div>
  );
}
