import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { JobContext } from "@/context/JobContext";
import type { StreamState } from "@/lib/eventStream";

/** What hooks find above them; the stream's state is given, so that its absence can be tested. */
export function providers(queries: QueryClient, stream: StreamState = "open") {
  return function Providers({ children }: { children: ReactNode }) {
    return (
      <QueryClientProvider client={queries}>
        <JobContext value={stream}>{children}</JobContext>
      </QueryClientProvider>
    );
  };
}
