"use client";

import { LatePageError } from "@/components/shell/LatePageError";
import { useText } from "@/hooks/useText";

export default function SettingsError(props: { error: Error & { digest?: string }; reset: () => void }) {
  const text = useText("common");
  return <LatePageError {...props} lead={text("settingsBrokeLead")} />;
}
