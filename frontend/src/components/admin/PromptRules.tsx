"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/Button";
import { LateDialog } from "@/components/ui/LateDialog";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useLast } from "@/hooks/useLast";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { PromptRule } from "@/lib/contract";
import { addRule, removeRule } from "@/lib/moderationCalls";
import { promptRulesQuery } from "@/lib/queries/moderation";
import { RuleFacts } from "./RuleFacts";

const RuleForm = lazy(() => import("./RuleForm").then((module) => ({ default: module.RuleForm })));

export function PromptRules() {
  const text = useText("moderation");
  const toasts = useToasts();
  const queries = useQueryClient();
  const { data: rules, error } = useQuery(promptRulesQuery());
  const [writing, setWriting] = useState<{ rule: PromptRule | null } | null>(null);
  // While the dialog closes, it still shows what it was about.
  const written = useLast(writing ?? undefined);
  const close = () => setWriting(null);
  const refresh = () => queries.invalidateQueries({ queryKey: promptRulesQuery().queryKey });
  const bringBack = ({ kind, pattern, action, note }: PromptRule) => {
    addRule({ kind, pattern, action, note })
      .catch((problem: unknown) => toasts.problem(problem, text("ruleNotBack")))
      .finally(() => void refresh());
  };
  const remove = (rule: PromptRule) => {
    removeRule(rule.id)
      .then(
        () => toasts.undo(text("ruleRemoved"), () => bringBack(rule)),
        (problem: unknown) => toasts.problem(problem, text("ruleNotRemoved")),
      )
      .finally(() => void refresh());
  };
  if (error) return <ProblemNotice error={error} />;
  if (!rules) return <Skeleton className="h-24" />;
  return (
    <div className="flex flex-col items-start gap-5">
      {rules.length > 0 ? (
        <ul className="flex w-full flex-col">
          {rules.map((rule) => (
            <li key={rule.id} className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-border py-3 first:pt-0">
              <RuleFacts rule={rule} />
              <div className="flex gap-1">
                <Button size="small" aria-label={text("editRule", { pattern: rule.pattern })} onClick={() => setWriting({ rule })}>
                  {text("edit")}
                </Button>
                <Button look="danger" size="small" aria-label={text("removeRule", { pattern: rule.pattern })} onClick={() => remove(rule)}>
                  {text("remove")}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-[15px] text-muted">{text("noRules")}</p>
      )}
      <Button onClick={() => setWriting({ rule: null })}>{text("newRule")}</Button>
      <LateDialog
        open={writing !== null}
        onOpenChange={close}
        title={text(written?.rule ? "editTitle" : "newRule")}
        description={text("ruleLead")}
      >
        <Suspense fallback={<Skeleton className="h-96" />}>
          <RuleForm rule={written?.rule ?? null} onClose={close} onChanged={refresh} />
        </Suspense>
      </LateDialog>
    </div>
  );
}
