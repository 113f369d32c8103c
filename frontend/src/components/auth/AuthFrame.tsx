import type { ReactNode } from "react";
import { Logo } from "@/components/ui/Logo";
import { APP_NAME } from "@/lib/constants";

export interface AuthFrameProps {
  title: string;
  lead: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}

export function AuthFrame({ title, lead, children, foot }: AuthFrameProps) {
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-5 py-12">
      <p className="mb-10 flex items-center gap-2 font-semibold tracking-tight">
        <Logo className="size-7" />
        {APP_NAME}
      </p>
      <h1 className="text-3xl font-semibold tracking-[-0.025em]">{title}</h1>
      <div className="mt-2 mb-8 text-[15px] leading-relaxed text-muted">{lead}</div>
      {children}
      {foot ? <div className="mt-8 text-sm text-muted">{foot}</div> : null}
    </main>
  );
}
