import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { SettingsView } from "@/components/settings/SettingsView";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { apiKeysQuery, secondFactorQuery, sessionsQuery } from "@/lib/queries/account";
import { usageQuery } from "@/lib/queries/organization";
import { prefetch } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("settings"))("title") };
}

export default async function SettingsPage() {
  const state = await prefetch((queries, client) => [
    queries.query(usageQuery(false, client)),
    queries.query(sessionsQuery(client)),
    queries.query(secondFactorQuery(client)),
    queries.query(apiKeysQuery(client)),
  ]);
  return (
    <MessagesFor features={["account", "archives", "proof", "yourData"]}>
      <HydrationBoundary state={state}>
        <SettingsView />
      </HydrationBoundary>
    </MessagesFor>
  );
}
