"use client";

import { lazy, Suspense } from "react";
import { useText } from "@/hooks/useText";
import type { PageErrorProps } from "./PageError";

const PageError = lazy(() =>
  import("./PageError").then(
    ({ PageError }) => ({ default: PageError }),
    () => ({ default: PlainPageError }),
  ),
);

/**
 * What a page that broke shows, fetched when one did: every page names its error, and few show it. Until it is there,
 * and for good offline or after an update took the old files away, plain words say what helps, which is loading again.
 */
export function LatePageError(props: PageErrorProps) {
  return (
    <Suspense fallback={<PlainPageError />}>
      <PageError {...props} />
    </Suspense>
  );
}

function PlainPageError() {
  const text = useText("common");
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-20 text-center">
      <h1 className="text-xl font-semibold tracking-tight">{text("pageBroke")}</h1>
      <p className="text-[15px] leading-relaxed text-muted">{text("pageBrokeLead")}</p>
      <button
        type="button"
        onClick={() => window.location.reload()}
        className="mt-3 h-10 rounded-full bg-accent px-4.5 text-sm font-medium text-accent-foreground hover:bg-accent-hover"
      >
        {text("loadAgain")}
      </button>
    </div>
  );
}
