"use client";

import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useRefreshAccount, useSessions } from "@/hooks/useAccount";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { endSession } from "@/lib/accountCalls";
import type { SignedInSession } from "@/lib/contract";
import { browserName } from "@/lib/userAgent";

/** Where one is signed in: which browser, from where, when; and a way to end it. */
export function Sessions() {
  const { data: sessions, error } = useSessions();
  if (error) return <ProblemNotice error={error} />;
  if (!sessions) return <Skeleton className="h-16" />;
  return (
    <ul className="mb-6 flex flex-col">
      {sessions.map((session) => (
        <SessionRow key={session.id} session={session} />
      ))}
    </ul>
  );
}

function SessionRow({ session }: { session: SignedInSession }) {
  const text = useText("account");
  const toasts = useToasts();
  const formats = useFormats();
  const refresh = useRefreshAccount();
  const name = browserName(session.user_agent) ?? text("unknownBrowser");
  const used = text("lastUsed", { date: formats.dateTime(session.last_used_at) });
  const end = () =>
    void endSession(session.id).then(
      async () => {
        toasts.done(text("sessionEnded"));
        await refresh();
      },
      (error: unknown) => toasts.problem(error, text("sessionNotEnded")),
    );
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-border py-3 first:pt-0">
      <div className="min-w-0">
        <p className="text-[15px]">
          {name}
          {session.current ? <span className="ms-2 text-[13px] text-accent-text">{text("sessionHere")}</span> : null}
        </p>
        <p className="text-[13px] text-subtle">
          {used}
          {session.address ? ` · ${text("from", { address: session.address })}` : null}
        </p>
      </div>
      {session.current ? null : (
        <Button size="small" onClick={end} aria-label={text("endSessionOf", { name, used })}>
          {text("endSession")}
        </Button>
      )}
    </li>
  );
}
