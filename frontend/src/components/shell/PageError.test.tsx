import { render, screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, it, vi } from "vitest";
import { makeQueryClient } from "@/lib/queryClient";
import { network } from "@/testing/network";
import { providers } from "@/testing/providers";
import { PageError } from "./PageError";

it("tells the server once, without the address's query, and shows the trace that finds it", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  window.history.replaceState(null, "", "/gallery?q=secret");
  const reports: Record<string, string>[] = [];
  network.use(
    http.post("http://localhost:3000/api/v1/page-errors", async ({ request }) => {
      reports.push((await request.json()) as Record<string, string>);
      return HttpResponse.json({ trace_id: "abc123" }, { status: 202 });
    }),
  );
  const error = Object.assign(new TypeError("x is not a function"), { digest: "77" });
  const page = <PageError error={error} reset={() => undefined} />;
  const { rerender } = render(page, { wrapper: providers(makeQueryClient()) });
  expect(await screen.findByText(/abc123/)).toBeTruthy();
  rerender(page);
  expect(reports).toHaveLength(1);
  expect(reports[0]).toMatchObject({ message: "TypeError: x is not a function", path: "/gallery", digest: "77" });
  expect(JSON.stringify(reports)).not.toContain("secret");
});
