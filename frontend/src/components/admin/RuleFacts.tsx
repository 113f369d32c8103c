"use client";

import { Badge } from "@/components/ui/Badge";
import { useRuleWords } from "@/hooks/useRuleWords";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import type { PromptRule } from "@/lib/contract";

/** A rule as people read it: what it looks for, and what comes of it. */
export function RuleFacts({ rule }: { rule: PromptRule }) {
  const text = useText("moderation");
  const wordsOf = useRuleWords();
  const blocks = rule.action === "block";
  return (
    <div className="min-w-0 flex-1 basis-56">
      <p className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1 text-[15px]">
        <span className={cn("min-w-0 font-medium break-words", rule.kind === "regex" && "font-mono text-sm break-all")}>
          {rule.kind === "regex" ? rule.pattern : text("quoted", { words: rule.pattern })}
        </span>
        <Badge look={blocks ? "danger" : "accent"}>{text(blocks ? "blocks" : "flags")}</Badge>
      </p>
      <p className="mt-0.5 text-[13px] text-subtle">{wordsOf(rule)}</p>
      {rule.note ? <p className="mt-0.5 text-[13px] break-words text-muted">{text("noteOf", { note: rule.note })}</p> : null}
    </div>
  );
}
