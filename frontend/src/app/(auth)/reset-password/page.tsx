import type { Metadata } from "next";
import Link from "next/link";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { ResetPasswordForm } from "@/components/auth/ResetPasswordForm";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("account"))("resetTitle") };
}

export default async function ResetPasswordPage() {
  const text = await getText("account");
  return (
    <AuthFrame
      title={text("resetTitle")}
      lead={text("resetLead")}
      foot={
        <Link href="/login" className="text-accent-text underline underline-offset-4">
          {text("backToSignIn")}
        </Link>
      }
    >
      <ResetPasswordForm />
    </AuthFrame>
  );
}
