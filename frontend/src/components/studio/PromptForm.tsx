"use client";

import { ArrowUp } from "lucide-react";
import { type KeyboardEvent, type SubmitEvent, useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/IconButton";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { useDraft } from "@/hooks/useDraft";
import { useGenerateImage } from "@/hooks/useGenerateImage";
import { useModels } from "@/hooks/useModels";
import { cn } from "@/lib/cn";
import { PROMPT_FIELD_ID } from "@/lib/constants";
import { chooseModel, fitToModel } from "@/lib/modelLimits";
import { ComposerChips } from "./ComposerChips";

const COUNT_FROM = 0.8;

/** The composer: Enter sends, Shift+Enter breaks the line; what is in it survives a reload. */
export function PromptForm() {
  const draft = useDraft();
  const { data: models } = useModels();
  const model = chooseModel(models, draft.model);
  const { generate } = useGenerateImage();
  const [error, setError] = useState<unknown>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const limit = model?.limits.max_prompt_chars ?? Infinity;
  const length = draft.prompt.trim().length;
  const tooLong = length > limit;

  useEffect(() => {
    if (window.location.hash === `#${PROMPT_FIELD_ID}`) field.current?.focus();
  }, []);

  const send = async (event?: SubmitEvent) => {
    event?.preventDefault();
    const prompt = draft.prompt.trim();
    if (prompt === "" || tooLong) {
      field.current?.focus();
      return;
    }
    setError(null);
    draft.change({ prompt: "" });
    window.scrollTo({ top: 0 });
    try {
      await generate({ prompt, model: model?.id ?? null, ...(model ? fitToModel(model, draft) : { num_images: 1 }) });
    } catch (problem) {
      setError(problem);
      // Unless the next one is being written already, what was typed comes back.
      if (useDraft.getState().prompt === "") draft.change({ prompt });
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Escape") field.current?.blur();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      onSubmit={(event) => void send(event)}
      className="flex w-full flex-col gap-2 max-sm:bg-background/90 max-sm:px-3 max-sm:pt-2 max-sm:pb-[max(0.75rem,env(safe-area-inset-bottom))] max-sm:backdrop-blur-md"
    >
      {error ? <ProblemNotice error={error} advice="Your prompt is kept." /> : null}
      <div className="rounded-3xl border border-border bg-surface shadow-lift transition-colors duration-150 focus-within:border-border-strong">
        <label htmlFor={PROMPT_FIELD_ID} className="sr-only">
          Prompt
        </label>
        <textarea
          ref={field}
          id={PROMPT_FIELD_ID}
          value={draft.prompt}
          onChange={(event) => draft.change({ prompt: event.target.value })}
          onKeyDown={onKeyDown}
          rows={1}
          enterKeyHint="send"
          placeholder="Describe a picture…"
          aria-invalid={tooLong || undefined}
          aria-describedby={tooLong ? `${PROMPT_FIELD_ID}-length` : undefined}
          className="block max-h-[40dvh] min-h-14 w-full resize-none bg-transparent px-5 pt-4 pb-2 text-[17px] leading-relaxed outline-none placeholder:text-subtle field-sizing-content"
        />
        <div className="flex items-center gap-1 p-2 pt-0">
          <ComposerChips models={models ?? []} model={model} />
          {length > limit * COUNT_FROM ? (
            <span
              id={`${PROMPT_FIELD_ID}-length`}
              className={cn("tabular ml-auto px-2 text-[13px]", tooLong ? "text-danger" : "text-subtle")}
            >
              {length} of {limit} characters
            </span>
          ) : null}
          <IconButton
            type="submit"
            label="Generate"
            look="accent"
            disabled={length === 0 || tooLong}
            className="ml-auto first-of-type:ml-auto"
          >
            <ArrowUp aria-hidden strokeWidth={2.25} />
          </IconButton>
        </div>
      </div>
    </form>
  );
}
