"use client";

import { LatePageError } from "@/components/shell/LatePageError";
import { useText } from "@/hooks/useText";

export default function GenerateError(props: { error: Error & { digest?: string }; reset: () => void }) {
  const text = useText("common");
  return <LatePageError {...props} lead={text("generateBrokeLead")} way={{ href: "/generate", label: text("emptyForm") }} />;
}
