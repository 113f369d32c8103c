import type { QueryClient } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UNDO_MS } from "@/lib/constants";
import type { StoredImage } from "@/lib/contract";
import { isBeingDeleted } from "@/lib/pendingDeletes";
import { imageKeys } from "@/lib/queries/keys";
import { makeQueryClient } from "@/lib/queryClient";
import * as toasts from "@/lib/toasts";
import { anImage } from "@/testing/fixtures";
import { network } from "@/testing/network";
import { providers } from "@/testing/providers";
import { useDeleteImage, useFavorite } from "./useImageActions";

const HOST = "http://localhost:3000/api/v1/images";
let queries: QueryClient;
let deleted: string[];
const shown = () => queries.getQueryData<{ pages: { items: StoredImage[] }[] }>(imageKeys.list({}))?.pages[0]?.items ?? [];

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  queries = makeQueryClient();
  queries.setQueryData(imageKeys.list({}), {
    pages: [{ items: [anImage({ id: "one" }), anImage({ id: "two" })], next_cursor: null }],
    pageParams: [null],
  });
  deleted = [];
  network.use(
    http.delete(`${HOST}/:id`, ({ params }) => {
      deleted.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
});
afterEach(() => vi.useRealTimers());

describe("useDeleteImage", () => {
  it("takes the picture away at once, and tells the server when the time for undo is over", async () => {
    const { result } = renderHook(() => useDeleteImage(), { wrapper: providers(queries) });
    act(() => result.current(anImage({ id: "one" })));
    expect(shown().map(({ id }) => id)).toEqual(["two"]);
    expect(deleted).toEqual([]);
    await vi.advanceTimersByTimeAsync(UNDO_MS + 10);
    await waitFor(() => expect(deleted).toEqual(["one"]));
  });

  it("gives it back on undo, and sends nothing", async () => {
    const undo = vi.spyOn(toasts, "showUndo");
    const { result } = renderHook(() => useDeleteImage(), { wrapper: providers(queries) });
    act(() => result.current(anImage({ id: "two" })));
    expect(isBeingDeleted("two")).toBe(true);
    act(() => undo.mock.calls[0]?.[2]());
    expect(shown().map(({ id }) => id)).toEqual(["one", "two"]);
    await vi.advanceTimersByTimeAsync(UNDO_MS * 2);
    expect(deleted).toEqual([]);
  });
});

describe("useFavorite", () => {
  it("shows the change at once, and takes it back when the server refuses", async () => {
    network.use(http.patch(`${HOST}/:id`, () => HttpResponse.json({ code: "not_found", title: "Gone" }, { status: 404 })));
    const { result } = renderHook(() => useFavorite(), { wrapper: providers(queries) });
    act(() => result.current.mutate({ id: "one", favorite: true }));
    await waitFor(() => expect(shown()[0]?.favorite).toBe(true));
    await waitFor(() => expect(shown()[0]?.favorite).toBe(false));
  });
});
