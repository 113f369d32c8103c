import { useCallback } from "react";
import type { PromptRule } from "@/lib/contract";
import { useText } from "./useText";

/** What a rule matches and what comes of it, in a sentence. */
export function useRuleWords(): (rule: Pick<PromptRule, "kind" | "pattern" | "action">) => string {
  const text = useText("moderation");
  return useCallback(
    ({ kind, pattern, action }) => {
      if (kind === "regex") return text(action === "block" ? "expressionBlocks" : "expressionFlags");
      return text(action === "block" ? "wordsBlock" : "wordsFlag", { n: pattern.trim().split(/\s+/).length });
    },
    [text],
  );
}
