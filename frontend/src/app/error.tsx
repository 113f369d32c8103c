"use client";

import { PageError } from "@/components/shell/PageError";

export default function RootError(props: { error: Error & { digest?: string }; reset: () => void }) {
  return <PageError {...props} />;
}
