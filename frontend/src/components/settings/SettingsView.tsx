"use client";

import { useTheme } from "next-themes";
import { lazy } from "react";
import { Button } from "@/components/ui/Button";
import { Later } from "@/components/ui/Later";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Section } from "@/components/ui/Section";
import { Segments } from "@/components/ui/Segments";
import { Skeleton } from "@/components/ui/Skeleton";
import { useAuth } from "@/hooks/useAuth";
import { useHydrated } from "@/hooks/useHydrated";
import { useLocale } from "@/hooks/useLocale";
import { useMe } from "@/hooks/useMe";
import { useRoleText } from "@/hooks/useRoleText";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { Me } from "@/lib/contract";
import { LOCALE_NAMES, LOCALES } from "@/lib/locales";
import { AccountSections } from "./AccountSections";
import { QuotaMeter } from "./QuotaMeter";
import { UsageChart } from "./UsageChart";
import { VerifyNotice } from "./VerifyNotice";

const DeleteAccount = lazy(() => import("./DeleteAccount").then((module) => ({ default: module.DeleteAccount })));
const NotificationChoice = lazy(() => import("./NotificationChoice").then((module) => ({ default: module.NotificationChoice })));
const Organisations = lazy(() => import("./Organisations").then((module) => ({ default: module.Organisations })));
const Sessions = lazy(() => import("./Sessions").then((module) => ({ default: module.Sessions })));
const YourData = lazy(() => import("./YourData").then((module) => ({ default: module.YourData })));

export function SettingsView() {
  const text = useText("settings");
  const common = useText("common");
  const yourData = useText("yourData");
  const { data: me, error, refetch } = useMe();
  return (
    <div className="mx-auto w-full max-w-4xl px-4 pt-6 pb-16 sm:px-6 sm:pt-10">
      <h1 className="mb-8 text-2xl font-semibold tracking-tight">{text("title")}</h1>
      {error ? (
        <ProblemNotice
          error={error}
          action={
            <Button size="small" onClick={() => void refetch()}>
              {common("loadAgain")}
            </Button>
          }
        />
      ) : null}
      <Section title={text("profile")} lead={text("profileLead")}>
        {me ? <Profile me={me} /> : <Skeleton className="h-20" />}
        {me?.user.email && !me.user.email_verified ? <VerifyNotice /> : null}
      </Section>
      <Section title={text("quota")} lead={text("quotaLead")}>
        {me ? <QuotaMeter quota={me.quota} /> : <Skeleton className="h-16" />}
      </Section>
      <Section title={text("usage")} lead={text("usageLead")}>
        <UsageChart />
      </Section>
      <Section title={text("appearance")} lead={text("appearanceLead")}>
        <ThemeChoice />
      </Section>
      <Section title={text("language")} lead={text("languageLead")}>
        <LanguageChoice />
      </Section>
      <Section title={text("notifications")} lead={text("notificationsLead")}>
        <Later className="h-11">
          <NotificationChoice />
        </Later>
      </Section>
      <Section title={text("sessions")} lead={text("sessionsLead")}>
        <Later className="mb-6 h-16">
          <Sessions />
        </Later>
        <SignOut />
      </Section>
      {me ? <AccountSections me={me} /> : null}
      <Section title={text("organisations")} lead={text("organisationsLead")}>
        <Later className="h-28">{me ? <Organisations me={me} /> : <Skeleton className="h-28" />}</Later>
      </Section>
      <Section title={yourData("data")} lead={yourData("dataLead")}>
        <Later className="h-28">
          <YourData />
        </Later>
      </Section>
      <Section title={yourData("account")} lead={yourData("accountLead")}>
        <Later className="h-10">
          <DeleteAccount />
        </Later>
      </Section>
    </div>
  );
}

function Profile({ me }: { me: Me }) {
  const text = useText("settings");
  const roleText = useRoleText();
  const facts = [
    [text("name"), me.user.name],
    [text("email"), me.user.email],
    [text("organisation"), me.organization.name],
    [text("role"), roleText(me.organization.role)],
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
  const text = useText("shell");
  const { theme, setTheme } = useTheme();
  const hydrated = useHydrated();
  return (
    <Segments
      label={text("appearance")}
      value={hydrated ? theme : undefined}
      onValue={setTheme}
      choices={[
        { value: "system", label: text("themeSystem") },
        { value: "light", label: text("themeLight") },
        { value: "dark", label: text("themeDark") },
      ]}
    />
  );
}

function LanguageChoice() {
  const text = useText("settings");
  const [locale, setLocale] = useLocale();
  const choices = LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value], lang: value }));
  return <Segments label={text("language")} value={locale} onValue={setLocale} choices={choices} />;
}

function SignOut() {
  const text = useText("settings");
  const shell = useText("shell");
  const toasts = useToasts();
  const { signOut } = useAuth();
  const leave = (everywhere: boolean) =>
    void signOut({ everywhere }).catch((error: unknown) => toasts.problem(error, shell("signOutFailed")));
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => leave(false)}>{shell("signOut")}</Button>
      <Button look="danger" onClick={() => leave(true)}>
        {text("signOutEverywhere")}
      </Button>
    </div>
  );
}
