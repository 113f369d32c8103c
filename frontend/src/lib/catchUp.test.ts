import { dehydrate, hydrate, QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";
import { markCaughtUp, unlessCaughtUp } from "./catchUp";

it("asks anew for a list that was rendered before the stream opened and is shown after, and not for a newer one", async () => {
  const rendered = new QueryClient();
  rendered.setQueryData(["list"], "old");
  const state = dehydrate(rendered);
  const shown = async (openedAt: number) => {
    markCaughtUp(openedAt);
    const queries = new QueryClient();
    hydrate(queries, state);
    const queryFn = vi.fn(() => "new");
    const options = { queryKey: ["list"], queryFn, staleTime: 30_000, refetchOnMount: unlessCaughtUp };
    const stop = new QueryObserver(queries, options).subscribe(() => undefined);
    await vi.waitFor(() => expect(queries.isFetching()).toBe(0));
    stop();
    return queries.getQueryData(["list"]);
  };
  expect(await shown(Date.now() + 5_000)).toBe("new");
  expect(await shown(Date.now() - 5_000)).toBe("old");
});
