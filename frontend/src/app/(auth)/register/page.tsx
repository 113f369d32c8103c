import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { RegisterForm } from "@/components/auth/RegisterForm";
import { readAuthConfig, readMe } from "@/lib/serverApi";
import { safeNext } from "@/lib/safeNext";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("auth"))("createAnAccount") };
}

export default async function RegisterPage({ searchParams }: PageProps<"/register">) {
  const next = safeNext((await searchParams).next);
  const [config, me, text] = await Promise.all([readAuthConfig(), readMe(), getText("auth")]);
  if (me) redirect(next);
  if (config?.registration === "invite") redirect("/login");
  const firstRun = config?.registration === "first_run";
  return (
    <AuthFrame
      title={firstRun ? text("welcome") : text("createAnAccount")}
      lead={firstRun ? text("firstRunLead") : text("openLead")}
      foot={
        firstRun ? null : (
          <>
            {text("haveAccount")}{" "}
            <Link href="/login" className="text-accent-text underline underline-offset-4">
              {text("signIn")}
            </Link>
          </>
        )
      }
    >
      <RegisterForm next={next} submitLabel={firstRun ? text("openTheStudio") : text("createAccount")} />
    </AuthFrame>
  );
}
