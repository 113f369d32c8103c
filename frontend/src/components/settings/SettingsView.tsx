"use client";

import { useTheme } from "next-themes";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useAuth } from "@/hooks/useAuth";
import { useHydrated } from "@/hooks/useHydrated";
import { useMe } from "@/hooks/useMe";
import { cn } from "@/lib/cn";
import type { Me } from "@/lib/contract";
import { showProblem } from "@/lib/toasts";
import { QuotaMeter } from "./QuotaMeter";

const THEMES = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

function Section({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <section className="grid gap-x-12 gap-y-4 border-t border-border py-8 sm:grid-cols-[14rem_minmax(0,1fr)]">
      <div>
        <h2 className="font-medium">{title}</h2>
        <p className="mt-1 text-sm text-subtle">{lead}</p>
      </div>
      <div>{children}</div>
    </section>
  );
}

export function SettingsView() {
  const { data: me, error, refetch } = useMe();
  return (
    <div className="mx-auto w-full max-w-4xl px-4 pt-6 pb-16 sm:px-6 sm:pt-10">
      <h1 className="mb-8 text-2xl font-semibold tracking-tight">Settings</h1>
      {error ? (
        <ProblemNotice
          error={error}
          action={
            <Button size="small" onClick={() => void refetch()}>
              Load again
            </Button>
          }
        />
      ) : null}
      <Section title="Profile" lead="Who you are here.">
        {me ? <Profile me={me} /> : <Skeleton className="h-20" />}
      </Section>
      <Section title="Quota" lead="What your organisation may still make this month.">
        {me ? <QuotaMeter quota={me.quota} /> : <Skeleton className="h-16" />}
      </Section>
      <Section title="Appearance" lead="How the studio looks in this browser.">
        <ThemeChoice />
      </Section>
      <Section title="Sessions" lead="Where you are signed in.">
        <SignOut />
      </Section>
    </div>
  );
}

function Profile({ me }: { me: Me }) {
  const facts = [
    ["Name", me.user.name],
    ["Email", me.user.email],
    ["Organisation", me.organization.name],
    ["Role", me.organization.role],
  ];
  return (
    <dl className="flex flex-col gap-2.5 text-[15px]">
      {facts.map(([name, value]) => (
        <div key={name} className="flex gap-4">
          <dt className="w-32 shrink-0 text-subtle">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ThemeChoice() {
  const { theme, setTheme } = useTheme();
  const hydrated = useHydrated();
  return (
    <div role="group" aria-label="Appearance" className="inline-flex gap-1 rounded-full bg-surface-sunken p-1">
      {THEMES.map(({ value, label }) => {
        const chosen = hydrated && theme === value;
        return (
          <button
            key={value}
            type="button"
            aria-pressed={chosen}
            onClick={() => setTheme(value)}
            className={cn(
              "h-9 rounded-full px-4 text-sm transition-colors duration-150",
              chosen ? "bg-surface text-foreground shadow-lift" : "text-muted hover:text-foreground",
            )}
          >
            {label}
          </button>
        );
      })}
    </div>
  );
}

function SignOut() {
  const { signOut } = useAuth();
  const leave = (everywhere: boolean) =>
    void signOut({ everywhere }).catch((error: unknown) => showProblem(error, "Signing out failed"));
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => leave(false)}>Sign out</Button>
      <Button look="danger" onClick={() => leave(true)}>
        Sign out everywhere
      </Button>
    </div>
  );
}
