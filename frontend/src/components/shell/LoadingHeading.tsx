"use client";

import { useText } from "@/hooks/useText";

/** A page that is still on its way has a heading too, for those who go by headings. */
export function LoadingHeading() {
  return <h1 className="sr-only">{useText("common")("loadingPage")}</h1>;
}
