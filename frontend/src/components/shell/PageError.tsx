"use client";

import Link from "next/link";
import { useEffect } from "react";
import { Button, buttonStyle } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";

export interface PageErrorProps {
  error: Error & { digest?: string };
  reset: () => void;
}

/** A page that broke: the rest of the studio, and everything on the server, is untouched. */
export function PageError({ error, reset }: PageErrorProps) {
  useEffect(() => console.error(error), [error]);
  return (
    <EmptyState
      level={1}
      title="This page broke"
      action={
        <>
          <Button look="accent" onClick={reset}>
            Try again
          </Button>
          <Link href="/" className={buttonStyle()}>
            To the studio
          </Link>
        </>
      }
    >
      Your jobs and pictures are safe; only this page failed.
      {error.digest ? <span className="mt-2 block font-mono text-xs">error {error.digest}</span> : null}
    </EmptyState>
  );
}
