"use client";

import { Button } from "@/components/ui/Button";
import { useCopy } from "@/hooks/useCopy";
import { useText } from "@/hooks/useText";

export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const text = useText("account");
  const copy = useCopy();
  return (
    <div className="flex flex-col gap-4">
      <div role="status">
        <h3 className="font-medium">{text("codesTitle")}</h3>
        <p className="mt-1 text-sm text-muted">{text("codesLead")}</p>
      </div>
      <ul className="grid w-fit grid-cols-1 gap-x-8 gap-y-1.5 rounded-2xl border border-border p-4 font-mono text-sm sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => void copy(codes.join("\n"), text("theCodes"))}>{text("copyCodes")}</Button>
        <Button look="accent" onClick={onKept}>
          {text("codesKept")}
        </Button>
      </div>
    </div>
  );
}
