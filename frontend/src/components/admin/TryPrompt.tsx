"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextArea } from "@/components/ui/TextArea";
import { useText } from "@/hooks/useText";
import type { TriedPrompt } from "@/lib/contract";
import { tryPrompt } from "@/lib/moderationCalls";
import { RuleFacts } from "./RuleFacts";

const SAID = { allowed: "saidAllowed", flagged: "saidFlagged", blocked: "saidBlocked" } as const;

/** What the rules would say of a prompt, without making anything of it. */
export function TryPrompt() {
  const text = useText("moderation");
  const [prompt, setPrompt] = useState("");
  const { mutate, data: said, error, isPending, reset } = useMutation({ mutationFn: tryPrompt });
  return (
    <form
      className="flex flex-col items-start gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (prompt.trim()) mutate(prompt);
      }}
    >
      <TextArea
        id="try-prompt"
        label={text("prompt")}
        className="w-full"
        maxLength={20_000}
        value={prompt}
        onChange={(event) => {
          setPrompt(event.target.value);
          reset();
        }}
      />
      <Button type="submit" disabled={isPending || prompt.trim() === ""}>
        {text(isPending ? "trying" : "tryIt")}
      </Button>
      {error ? <ProblemNotice error={error} /> : null}
      <div role="status" className="w-full">
        {said ? <Said said={said} /> : null}
      </div>
    </form>
  );
}

function Said({ said }: { said: TriedPrompt }) {
  const text = useText("moderation");
  return (
    <div className="flex flex-col gap-3 rounded-2xl bg-surface-sunken p-4">
      <p className="text-[15px] font-medium">{text(SAID[said.verdict])}</p>
      {said.rules.length > 0 ? (
        <>
          <p className="text-sm text-muted">{text("becauseOf", { n: said.rules.length })}</p>
          <ul className="flex flex-col gap-3">
            {said.rules.map((rule) => (
              <li key={rule.id}>
                <RuleFacts rule={rule} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}
