import type { QueryClient } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { isOptimistic } from "@/lib/jobs";
import { readJob } from "@/lib/jobCache";
import { jobKeys, modelsKey } from "@/lib/queries/keys";
import { makeQueryClient } from "@/lib/queryClient";
import { aJob, aModel } from "@/testing/fixtures";
import { network } from "@/testing/network";
import { providers } from "@/testing/providers";
import { useGenerateImage } from "./useGenerateImage";

const GENERATE = "http://localhost:3000/api/v1/generate";
let queries: QueryClient;
const ids = () => queries.getQueryData<{ pages: { ids: string[] }[] }>(jobKeys.feed())?.pages.flatMap((page) => page.ids) ?? [];

beforeEach(() => {
  queries = makeQueryClient();
  queries.setQueryData(modelsKey, [aModel()]);
  queries.setQueryData(jobKeys.feed(), { pages: [{ ids: [], nextCursor: null }], pageParams: [null] });
});

describe("useGenerateImage", () => {
  it("shows a card at once, and the job in its place when the answer comes", async () => {
    network.use(http.post(GENERATE, async () => {
      await delay(50);
      return HttpResponse.json(aJob(), { status: 202 });
    }));
    const { result } = renderHook(() => useGenerateImage(), { wrapper: providers(queries) });
    let sent: Promise<unknown> = Promise.resolve();
    act(() => {
      sent = result.current.generate({ prompt: "a red rocket", num_images: 1 });
    });
    await waitFor(() => expect(ids()).toHaveLength(1));
    const [card = ""] = ids();
    expect(isOptimistic(card)).toBe(true);
    expect(readJob(queries, card)).toMatchObject({ prompt: "a red rocket", params: { width: 64 } });
    await act(() => sent);
    expect(ids()).toEqual(["job-1"]);
  });

  it("takes the card away and tells why when the API refuses", async () => {
    const problem = { code: "quota_exceeded", title: "Quota", detail: "Nothing is left this month.", status: 402 };
    network.use(http.post(GENERATE, () => HttpResponse.json(problem, { status: 402 })));
    const { result } = renderHook(() => useGenerateImage(), { wrapper: providers(queries) });
    await act(async () => {
      await expect(result.current.generate({ prompt: "x", num_images: 1 })).rejects.toMatchObject({ code: "quota_exceeded" });
    });
    expect(ids()).toEqual([]);
  });

  it("asks again with the same idempotency key when no answer came", async () => {
    const keys: (string | null)[] = [];
    network.use(http.post(GENERATE, ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      return keys.length === 1 ? HttpResponse.error() : HttpResponse.json(aJob(), { status: 202 });
    }));
    const { result } = renderHook(() => useGenerateImage(), { wrapper: providers(queries) });
    await act(() => result.current.generate({ prompt: "a red rocket", num_images: 1 }));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
  });
});
