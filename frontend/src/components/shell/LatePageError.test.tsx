import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, it, vi } from "vitest";
import { makeQueryClient } from "@/lib/queryClient";
import { network } from "@/testing/network";

const props = { error: new TypeError("x is not a function"), reset: vi.fn() };

async function show(changes = {}) {
  // What was fetched once stays fetched: each test begins with modules of its own, contexts among them.
  const [{ LatePageError }, { providers }] = await Promise.all([import("./LatePageError"), import("@/testing/providers")]);
  render(<LatePageError {...props} {...changes} />, { wrapper: providers(makeQueryClient()) });
  expect(screen.getByRole("heading", { name: "This page broke" })).toBeTruthy();
}

beforeEach(() => {
  vi.resetModules();
  props.reset.mockClear();
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  network.use(http.post("http://localhost:3000/api/v1/page-errors", () => HttpResponse.json({ trace_id: "abc" }, { status: 202 })));
});

it("fetches what a broken page shows, with where to begin anew", async () => {
  await show({ lead: "Your pictures are safe.", way: { href: "/gallery", label: "The whole gallery" } });
  expect(await screen.findByText(/Your pictures are safe/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "The whole gallery" }).getAttribute("href")).toBe("/gallery");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(props.reset).toHaveBeenCalledOnce();
});

it("has plain words when that can't be fetched either", async () => {
  const asked = vi.fn(() => {
    throw new Error("no such file any more");
  });
  vi.doMock("./PageError", asked);
  await show();
  await waitFor(() => expect(asked).toHaveBeenCalled());
  expect(await screen.findByRole("button", { name: "Load again" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  vi.doUnmock("./PageError");
});
