import type { Metadata } from "next";
import Link from "next/link";
import { buttonStyle } from "@/components/ui/Button";
import { Logo } from "@/components/ui/Logo";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("common"))("notFoundTitle") };
}

export default async function NotFound() {
  const text = await getText("common");
  return (
    <main id="main" className="mx-auto flex min-h-dvh max-w-md flex-col items-center justify-center gap-4 px-6 text-center">
      <Logo className="mb-4 size-10" />
      <h1 className="text-3xl font-semibold tracking-[-0.025em]">{text("notFoundHeading")}</h1>
      <p className="text-muted">{text("notFoundLead")}</p>
      <Link href="/" className={buttonStyle({ look: "accent", className: "mt-4" })}>
        {text("toTheStudio")}
      </Link>
    </main>
  );
}
