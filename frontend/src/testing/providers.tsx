import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { AppRouterContext, type AppRouterInstance } from "next/dist/shared/lib/app-router-context.shared-runtime";
import type { ReactNode } from "react";
import { JobContext } from "@/context/JobContext";
import { TextProvider } from "@/context/TextContext";
import type { StreamState } from "@/lib/eventStream";
import type { Locale } from "@/lib/locales";
import { de } from "@/messages/de";
import { en } from "@/messages/en";

/** Where a component went; there is no server here to go to. */
export const visited: string[] = [];

const router: AppRouterInstance = {
  push: (href) => void visited.push(href),
  replace: (href) => void visited.push(href),
  prefetch: () => undefined,
  refresh: () => undefined,
  back: () => undefined,
  forward: () => undefined,
  bfcacheId: "tests",
};

const CATALOGUES = { en, de };

/** What hooks find above them; the stream's state is given, so that its absence can be tested. */
export function providers(queries: QueryClient, stream: StreamState = "open", locale: Locale = "en") {
  return function Providers({ children }: { children: ReactNode }) {
    return (
      <AppRouterContext value={router}>
        <TextProvider locale={locale} messages={CATALOGUES[locale]}>
          <QueryClientProvider client={queries}>
            <JobContext value={stream}>{children}</JobContext>
          </QueryClientProvider>
        </TextProvider>
      </AppRouterContext>
    );
  };
}
