import type { Metadata } from "next";
import Link from "next/link";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { RestoreAccount } from "@/components/auth/RestoreAccount";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("account"))("keepTitle") };
}

export default async function RestoreAccountPage() {
  const text = await getText("account");
  return (
    <AuthFrame
      title={text("keepTitle")}
      lead={text("keepLead")}
      foot={
        <Link href="/login" className="text-accent-text underline underline-offset-4">
          {text("backToSignIn")}
        </Link>
      }
    >
      <RestoreAccount />
    </AuthFrame>
  );
}
