import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { DeletionAsked } from "@/components/auth/DeletionAsked";
import { LoginForm } from "@/components/auth/LoginForm";
import { SignInRefused } from "@/components/auth/SignInRefused";
import { SignInServices } from "@/components/auth/SignInServices";
import { readAuthConfig, readMe } from "@/lib/serverApi";
import { safeNext } from "@/lib/safeNext";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  // The front door may be found; nothing behind it, nor a link that leads back somewhere, may.
  return { title: (await getText("auth"))("signIn"), robots: { index: true, follow: false } };
}

export default async function LoginPage({ searchParams }: PageProps<"/login">) {
  const { next: wanted, error, closing } = await searchParams;
  const next = safeNext(wanted);
  const [config, me, text, account] = await Promise.all([readAuthConfig(), readMe(), getText("auth"), getText("account")]);
  if (me) redirect(next);
  if (config?.registration === "first_run") redirect("/register");
  const canRegister = config?.registration === "open";
  return (
    <AuthFrame
      title={text("signIn")}
      lead={text("welcomeBack")}
      foot={
        canRegister ? (
          <>
            {text("newHere")}{" "}
            <Link
              href={next === "/" ? "/register" : `/register?next=${encodeURIComponent(next)}`}
              className="text-accent-text underline underline-offset-4"
            >
              {text("createAnAccount")}
            </Link>
          </>
        ) : (
          text("askForInvitation")
        )
      }
    >
      {typeof error === "string" ? <SignInRefused code={error} /> : null}
      {typeof closing === "string" ? <DeletionAsked due={closing} /> : null}
      <SignInServices services={config?.sign_in_services} next={next} text={account} />
      <LoginForm next={next} />
    </AuthFrame>
  );
}
