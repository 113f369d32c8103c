"use client";

import { ArrowUp } from "lucide-react";
import { type KeyboardEvent, type SubmitEvent, useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/IconButton";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { useDraft } from "@/hooks/useDraft";
import { useGenerateImage } from "@/hooks/useGenerateImage";
import { useModels } from "@/hooks/useModels";
import { usePictureDrop } from "@/hooks/usePictureParameters";
import { usePromptHistory } from "@/hooks/usePromptHistory";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import { PROMPT_FIELD_ID } from "@/lib/constants";
import { chooseModel, fitToModel } from "@/lib/modelLimits";
import { ComposerChips } from "./ComposerChips";

const COUNT_FROM = 0.8;

/** The composer: Enter sends, Shift+Enter breaks the line; what is in it survives a reload. */
export function PromptForm() {
  const text = useText("studio");
  const generateText = useText("generate");
  const draft = useDraft();
  const { data: models } = useModels();
  const model = chooseModel(models, draft.model);
  const { generate } = useGenerateImage();
  const [error, setError] = useState<unknown>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const history = usePromptHistory((prompt) => draft.change({ prompt }));
  const drop = usePictureDrop();
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
    history.leave();
    draft.change({ prompt: "" });
    window.scrollTo({ top: 0 });
    try {
      const fitted = model ? fitToModel(model, draft) : { num_images: 1 };
      await generate({ prompt, model: model?.id ?? null, seed: draft.seed, ...fitted });
    } catch (problem) {
      setError(problem);
      // Unless the next one is being written already, what was typed comes back.
      if (useDraft.getState().prompt === "") draft.change({ prompt });
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Escape") field.current?.blur();
    if (!event.nativeEvent.isComposing && history.onKeyDown(event)) return;
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      onSubmit={(event) => void send(event)}
      className="flex w-full flex-col gap-2 max-sm:bg-background/90 max-sm:px-3 max-sm:pt-2 max-sm:pb-[max(0.75rem,env(safe-area-inset-bottom))] max-sm:backdrop-blur-md"
    >
      {error ? <ProblemNotice error={error} advice={text("promptKept")} /> : null}
      <div
        {...drop.target}
        className={cn(
          "relative rounded-3xl border bg-surface shadow-lift transition-colors duration-150",
          drop.over ? "border-ring" : "border-border focus-within:border-border-strong",
        )}
      >
        {drop.over ? (
          <p className="pointer-events-none absolute inset-0 z-10 grid place-items-center rounded-3xl bg-accent-soft text-sm font-medium">
            {generateText("dropHere")}
          </p>
        ) : null}
        <label htmlFor={PROMPT_FIELD_ID} className="sr-only">
          {text("prompt")}
        </label>
        <textarea
          ref={field}
          id={PROMPT_FIELD_ID}
          value={draft.prompt}
          onChange={(event) => {
            history.leave();
            draft.change({ prompt: event.target.value });
          }}
          onKeyDown={onKeyDown}
          rows={1}
          enterKeyHint="send"
          placeholder={text("placeholder")}
          aria-invalid={tooLong || undefined}
          aria-describedby={tooLong ? `${PROMPT_FIELD_ID}-length` : undefined}
          className="block max-h-[40dvh] min-h-14 w-full resize-none bg-transparent px-5 pt-4 pb-2 text-[17px] leading-relaxed outline-none placeholder:text-subtle field-sizing-content"
        />
        <div className="flex items-center gap-1 p-2 pt-0">
          <ComposerChips models={models ?? []} model={model} />
          {length > limit * COUNT_FROM ? (
            <span
              id={`${PROMPT_FIELD_ID}-length`}
              className={cn("tabular ms-auto px-2 text-[13px]", tooLong ? "text-danger" : "text-subtle")}
            >
              {text("length", { n: length, limit })}
            </span>
          ) : null}
          <IconButton
            type="submit"
            label={text("generate")}
            look="accent"
            disabled={length === 0 || tooLong}
            className="ms-auto"
          >
            <ArrowUp aria-hidden strokeWidth={2.25} />
          </IconButton>
        </div>
      </div>
    </form>
  );
}
