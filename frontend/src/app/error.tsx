"use client";

import { LatePageError } from "@/components/shell/LatePageError";

export default function RootError(props: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main id="main" className="flex flex-1 flex-col justify-center">
      <LatePageError {...props} />
    </main>
  );
}
