import type { Metadata } from "next";
import Link from "next/link";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { ForgotPasswordForm } from "@/components/auth/ForgotPasswordForm";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("account"))("forgotTitle") };
}

export default async function ForgotPasswordPage() {
  const text = await getText("account");
  return (
    <AuthFrame
      title={text("forgotTitle")}
      lead={text("forgotLead")}
      foot={
        <Link href="/login" className="text-accent-text underline underline-offset-4">
          {text("backToSignIn")}
        </Link>
      }
    >
      <ForgotPasswordForm />
    </AuthFrame>
  );
}
