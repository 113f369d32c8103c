"use client";

import { useEffect, useState } from "react";
import { Button, buttonStyle } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { useText } from "@/hooks/useText";
import { reportPageError } from "@/lib/pageErrors";

export interface PageErrorProps {
  error: Error & { digest?: string };
  reset: () => void;
  /** What is safe, and what may help. */
  lead?: string;
  /** Where to begin anew, when that is not the studio. */
  way?: { href: string; label: string };
}

/** A page that broke: the rest of the studio, and everything on the server, is untouched. */
export function PageError({ error, reset, lead, way }: PageErrorProps) {
  const text = useText("common");
  const [trace, setTrace] = useState<string | null>(null);
  useEffect(() => {
    console.error(error);
    void reportPageError(error).then(setTrace);
  }, [error]);
  const { href, label } = way ?? { href: "/", label: text("toTheStudio") };
  return (
    <EmptyState
      level={1}
      title={text("pageBroke")}
      action={
        <>
          <Button look="accent" onClick={reset}>
            {text("tryAgain")}
          </Button>
          {/* Loaded anew: what broke may be in the state that a link of the router would carry along. */}
          <a href={href} className={buttonStyle()}>
            {label}
          </a>
        </>
      }
    >
      {lead ?? text("pageBrokeLead")}
      {error.digest ? <span className="mt-2 block font-mono text-xs">{text("errorDigest", { digest: error.digest })}</span> : null}
      {trace ? <span className="mt-1 block font-mono text-xs break-all">{text("traceOf", { id: trace })}</span> : null}
    </EmptyState>
  );
}
