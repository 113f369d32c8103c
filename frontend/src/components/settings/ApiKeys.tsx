"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useApiKeys, useRefreshAccount } from "@/hooks/useAccount";
import { useCopy } from "@/hooks/useCopy";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { revokeKey } from "@/lib/accountCalls";
import type { ApiKey, Me } from "@/lib/contract";
import { NewKeyForm } from "./NewKeyForm";

export function ApiKeys({ scopes }: { scopes: Me["scopes"] }) {
  const text = useText("account");
  const { data: keys, error } = useApiKeys();
  const refresh = useRefreshAccount();
  const [isMaking, setIsMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);

  if (error) return <ProblemNotice error={error} />;
  if (!keys) return <Skeleton className="h-16" />;
  const onMade = async (key: string) => {
    setIsMaking(false);
    setMade(key);
    await refresh();
  };
  return (
    <div className="flex flex-col gap-5">
      {made ? <ShownOnce value={made} onDone={() => setMade(null)} /> : null}
      {keys.length > 0 ? (
        <ul className="flex flex-col">
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} />
          ))}
        </ul>
      ) : (
        <p className="text-[15px] text-muted">{text("noKeys")}</p>
      )}
      {isMaking ? (
        <NewKeyForm scopes={scopes} onMade={onMade} onCancel={() => setIsMaking(false)} />
      ) : (
        <div>
          <Button onClick={() => setIsMaking(true)}>{text("newKey")}</Button>
        </div>
      )}
    </div>
  );
}

function ShownOnce({ value, onDone }: { value: string; onDone: () => void }) {
  const text = useText("account");
  const copy = useCopy();
  return (
    <div role="status" className="flex flex-col gap-3 rounded-2xl border border-border p-4">
      <div>
        <h3 className="font-medium">{text("keyMade")}</h3>
        <p className="mt-1 text-sm text-muted">{text("keyMadeLead")}</p>
      </div>
      <p className="font-mono text-sm break-all select-all">{value}</p>
      <div className="flex flex-wrap gap-2">
        <Button look="accent" onClick={() => void copy(value, text("theKeyItself"))}>
          {text("copyKey")}
        </Button>
        <Button onClick={onDone}>{text("done")}</Button>
      </div>
    </div>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const text = useText("account");
  const formats = useFormats();
  const toasts = useToasts();
  const refresh = useRefreshAccount();
  const facts = [
    apiKey.scopes.join(" "),
    apiKey.last_used_at ? text("lastUsed", { date: formats.dateTime(apiKey.last_used_at) }) : text("neverUsed"),
    apiKey.expires_at ? text("endsOn", { date: formats.dateTime(apiKey.expires_at) }) : text("forEver"),
  ];
  const revoke = () =>
    void revokeKey(apiKey.id).then(
      async () => {
        toasts.done(text("revoked"));
        await refresh();
      },
      (error: unknown) => toasts.problem(error, text("notRevoked")),
    );
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-border py-3 first:pt-0">
      <div className="min-w-0">
        <p className="text-[15px] break-words">
          {apiKey.name} <span className="ms-1 font-mono text-[13px] text-subtle">{apiKey.prefix}…</span>
        </p>
        <p className="text-[13px] text-subtle">{facts.join(" · ")}</p>
      </div>
      <Button size="small" look="danger" onClick={revoke} aria-label={text("revokeOf", { name: apiKey.name })}>
        {text("revoke")}
      </Button>
    </li>
  );
}
