import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { RegisterForm } from "@/components/auth/RegisterForm";
import { readAuthConfig, readMe } from "@/lib/serverApi";
import { safeNext } from "@/lib/safeNext";

export const metadata: Metadata = { title: "Create an account" };

export default async function RegisterPage({ searchParams }: PageProps<"/register">) {
  const next = safeNext((await searchParams).next);
  const [config, me] = await Promise.all([readAuthConfig(), readMe()]);
  if (me) redirect(next);
  if (config?.registration === "invite") redirect("/login");
  const firstRun = config?.registration === "first_run";
  return (
    <AuthFrame
      title={firstRun ? "Welcome to Easel" : "Create an account"}
      lead={
        firstRun
          ? "Your studio is running. Make the first account: it owns the studio, and everything stays on this machine."
          : "A studio of your own takes a minute."
      }
      foot={
        firstRun ? null : (
          <>
            Have an account?{" "}
            <Link href="/login" className="text-accent-text underline underline-offset-4">
              Sign in
            </Link>
          </>
        )
      }
    >
      <RegisterForm next={next} submitLabel={firstRun ? "Open the studio" : "Create account"} />
    </AuthFrame>
  );
}
