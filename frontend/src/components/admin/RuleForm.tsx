"use client";

import { useForm, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { SelectField } from "@/components/ui/SelectField";
import { TextField } from "@/components/ui/TextField";
import { useSubmit } from "@/hooks/useSubmit";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { NewPromptRule, PromptRule } from "@/lib/contract";
import { addRule, changeRule } from "@/lib/moderationCalls";

const LONGEST = 500;
const FIELDS = ["kind", "pattern", "action", "note"] as const;
type Wish = Required<NewPromptRule>;

export interface RuleFormProps {
  /** The one to edit; null makes a new one. */
  rule: PromptRule | null;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

export function RuleForm({ rule, onClose, onChanged }: RuleFormProps) {
  const text = useText("moderation");
  const toasts = useToasts();
  const { kind, pattern, action, note } = rule ?? { kind: "words", pattern: "", action: "block", note: "" };
  const { register, handleSubmit, setError, control, formState } = useForm<Wish>({ defaultValues: { kind, pattern, action, note } });
  const { errors, isSubmitting } = formState;
  const isExpression = useWatch({ control, name: "kind" }) === "regex";
  const { problem, run } = useSubmit<Wish>(FIELDS, setError, async (wish) => {
    try {
      await (rule ? changeRule(rule.id, wish) : addRule(wish));
    } finally {
      await onChanged();
    }
    toasts.done(text("ruleSaved"));
    onClose();
  });
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(run)(event)} className="flex flex-col gap-4">
      {problem ? <ProblemNotice error={problem} /> : null}
      <SelectField id="rule-kind" label={text("kind")} {...register("kind")}>
        <option value="words">{text("kindWords")}</option>
        <option value="regex">{text("kindRegex")}</option>
      </SelectField>
      <TextField
        id="rule-pattern"
        label={text(isExpression ? "expression" : "words")}
        help={text(isExpression ? "expressionHelp" : "wordsHelp")}
        maxLength={LONGEST}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        error={errors.pattern?.message}
        {...register("pattern", { validate: (value) => value.trim() !== "" || text("missing") })}
      />
      <SelectField id="rule-action" label={text("action")} {...register("action")}>
        <option value="block">{text("actionBlock")}</option>
        <option value="flag">{text("actionFlag")}</option>
      </SelectField>
      <TextField id="rule-note" label={text("note")} help={text("noteHelp")} maxLength={LONGEST} autoComplete="off" error={errors.note?.message} {...register("note")} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {text("cancel")}
        </Button>
        <Button type="submit" look="accent" disabled={isSubmitting}>
          {text("save")}
        </Button>
      </div>
    </form>
  );
}
