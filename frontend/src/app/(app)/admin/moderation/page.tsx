import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ModerationView } from "@/components/admin/ModerationView";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { promptRulesQuery } from "@/lib/queries/moderation";
import { prefetch } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("moderation"))("title") };
}

export default async function ModerationPage() {
  const state = await prefetch((queries, client) => [queries.query(promptRulesQuery(client))]);
  return (
    <MessagesFor features={["moderation"]}>
      <HydrationBoundary state={state}>
        <ModerationView />
      </HydrationBoundary>
    </MessagesFor>
  );
}
