import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Job } from "@/lib/contract";
import { makeQueryClient } from "@/lib/queryClient";
import { aJob } from "@/testing/fixtures";
import { network } from "@/testing/network";
import { providers } from "@/testing/providers";
import { DeadLetters } from "./DeadLetters";

const LETTERS = "http://localhost:3000/api/v1/admin/dead-letters";
const failed = (job_id: string, prompt: string, changes: Partial<Job> = {}) =>
  aJob({ job_id, prompt, status: "FAILED", attempt: 3, error: { code: "worker_lost", detail: "The worker stopped." }, ...changes });
let pages: Record<string, Job[]>;
let sent: string[];

beforeEach(() => {
  pages = { first: [failed("a", "a red rocket"), failed("b", "a shared one", { visibility: "organization" })], second: [failed("c", "an older one")] };
  sent = [];
  network.use(
    http.get(LETTERS, ({ request }) => {
      const cursor = new URL(request.url).searchParams.get("cursor");
      return HttpResponse.json(cursor ? { items: pages.second, next_cursor: null } : { items: pages.first, next_cursor: "second" });
    }),
    http.post(`${LETTERS}/:id/retry`, ({ params }) => {
      sent.push(String(params.id));
      pages = Object.fromEntries(Object.entries(pages).map(([name, jobs]) => [name, jobs.filter(({ job_id }) => job_id !== params.id)]));
      return HttpResponse.json(aJob({ job_id: "new" }), { status: 202 });
    }),
  );
});

it("says why each job was given up, leads to those that are shared, and shows more on demand", async () => {
  render(<DeadLetters />, { wrapper: providers(makeQueryClient()) });
  expect(await screen.findAllByText("The worker stopped.")).toHaveLength(2);
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/status/b"]);
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  expect(await screen.findByText("an older one")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
});

it("sends one again, and it leaves the list", async () => {
  render(<DeadLetters />, { wrapper: providers(makeQueryClient()) });
  fireEvent.click(await screen.findByRole("button", { name: "Send again: a red rocket" }));
  await waitFor(() => expect(screen.queryByText("a red rocket")).toBeNull());
  expect(sent).toEqual(["a"]);
  expect(screen.getByText("a shared one")).toBeTruthy();
});
