"use client";

import { LatePageError } from "@/components/shell/LatePageError";

export default function AppError(props: { error: Error & { digest?: string }; reset: () => void }) {
  return <LatePageError {...props} />;
}
