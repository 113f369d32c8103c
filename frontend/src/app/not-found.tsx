import type { Metadata } from "next";
import Link from "next/link";
import { buttonStyle } from "@/components/ui/Button";
import { Logo } from "@/components/ui/Logo";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main id="main" className="mx-auto flex min-h-dvh max-w-md flex-col items-center justify-center gap-4 px-6 text-center">
      <Logo className="mb-4 size-10" />
      <h1 className="text-3xl font-semibold tracking-[-0.025em]">Nothing hangs here</h1>
      <p className="text-muted">There is no page at this address.</p>
      <Link href="/" className={buttonStyle({ look: "accent", className: "mt-4" })}>
        To the studio
      </Link>
    </main>
  );
}
