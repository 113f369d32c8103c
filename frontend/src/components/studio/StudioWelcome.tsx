"use client";

import { Button } from "@/components/ui/Button";
import { useDraft } from "@/hooks/useDraft";
import { useText } from "@/hooks/useText";
import { EXAMPLE_PROMPTS, PROMPT_FIELD_ID } from "@/lib/constants";

/** The empty studio: an invitation. */
export function StudioWelcome() {
  const text = useText("studio");
  const change = useDraft((draft) => draft.change);
  return (
    <div className="flex flex-col items-center gap-6 pt-[14dvh] pb-8 text-center">
      <div className="flex flex-col gap-3">
        <h2 className="text-4xl font-semibold tracking-[-0.03em] sm:text-5xl">{text("welcome")}</h2>
        <p className="text-base text-muted sm:text-lg">{text("welcomeLead")}</p>
      </div>
      <ul aria-label={text("examples")} className="flex flex-wrap justify-center gap-2">
        {EXAMPLE_PROMPTS.map((prompt) => (
          <li key={prompt}>
            <Button
              size="small"
              onClick={() => {
                change({ prompt });
                document.getElementById(PROMPT_FIELD_ID)?.focus();
              }}
            >
              {prompt}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
