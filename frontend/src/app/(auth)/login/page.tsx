import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { LoginForm } from "@/components/auth/LoginForm";
import { readAuthConfig, readMe } from "@/lib/serverApi";
import { safeNext } from "@/lib/safeNext";

export const metadata: Metadata = { title: "Sign in" };

export default async function LoginPage({ searchParams }: PageProps<"/login">) {
  const next = safeNext((await searchParams).next);
  const [config, me] = await Promise.all([readAuthConfig(), readMe()]);
  if (me) redirect(next);
  if (config?.registration === "first_run") redirect("/register");
  const canRegister = config?.registration === "open";
  return (
    <AuthFrame
      title="Sign in"
      lead="Welcome back to your studio."
      foot={
        canRegister ? (
          <>
            New here?{" "}
            <Link
              href={next === "/" ? "/register" : `/register?next=${encodeURIComponent(next)}`}
              className="text-accent-text underline underline-offset-4"
            >
              Create an account
            </Link>
          </>
        ) : (
          "No account yet? Ask whoever runs this studio for an invitation."
        )
      }
    >
      <LoginForm next={next} />
    </AuthFrame>
  );
}
