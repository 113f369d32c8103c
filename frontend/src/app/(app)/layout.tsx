import { HydrationBoundary } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { AppHeader } from "@/components/shell/AppHeader";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { ShortcutKeys } from "@/components/shell/ShortcutKeys";
import { JobProvider } from "@/context/JobContext";
import { meQuery } from "@/lib/queries/me";
import { modelsQuery } from "@/lib/queries/models";
import { prefetch } from "@/lib/serverApi";

const FEATURES = ["shell", "studio", "jobs", "images", "generate", "gallery", "collections", "sharing", "settings"] as const;

/** Everything behind the sign-in; src/proxy.ts lets nobody else in. */
export default async function AppLayout({ children }: { children: ReactNode }) {
  const state = await prefetch((queries, client) => [queries.query(meQuery(client)), queries.query(modelsQuery(client))]);
  return (
    <MessagesFor features={FEATURES}>
      <HydrationBoundary state={state}>
        <JobProvider>
          <AppHeader />
          <main id="main" className="flex flex-1 flex-col">
            {children}
          </main>
          <ShortcutKeys />
        </JobProvider>
      </HydrationBoundary>
    </MessagesFor>
  );
}
