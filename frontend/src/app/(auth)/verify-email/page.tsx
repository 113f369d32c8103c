import type { Metadata } from "next";
import Link from "next/link";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { VerifyEmail } from "@/components/auth/VerifyEmail";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("account"))("verifyTitle") };
}

export default async function VerifyEmailPage() {
  const text = await getText("account");
  return (
    <AuthFrame
      title={text("verifyTitle")}
      lead={text("verifyLead")}
      foot={
        <Link href="/login" className="text-accent-text underline underline-offset-4">
          {text("backToSignIn")}
        </Link>
      }
    >
      <VerifyEmail />
    </AuthFrame>
  );
}
