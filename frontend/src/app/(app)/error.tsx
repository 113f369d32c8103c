"use client";

import { PageError } from "@/components/shell/PageError";

export default function AppError(props: { error: Error & { digest?: string }; reset: () => void }) {
  return <PageError {...props} />;
}
