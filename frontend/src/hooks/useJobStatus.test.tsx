import { renderHook, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { POLL_INTERVAL_MS } from "@/lib/constants";
import { makeQueryClient } from "@/lib/queryClient";
import { aJob } from "@/testing/fixtures";
import { network } from "@/testing/network";
import { providers } from "@/testing/providers";
import { useJobStatus } from "./useJobStatus";

const STATUS = "http://localhost:3000/api/v1/status/job-1";

describe("useJobStatus", () => {
  afterEach(() => vi.useRealTimers());

  it("asks again and again while there is no stream, and stops when the job has ended", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const answers = [aJob(), aJob({ status: "RUNNING", progress: 0.5 }), aJob({ status: "COMPLETED", progress: 1 })];
    let asked = 0;
    network.use(http.get(STATUS, () => HttpResponse.json(answers[Math.min(asked++, 2)])));
    const { result } = renderHook(() => useJobStatus("job-1"), { wrapper: providers(makeQueryClient(), "reconnecting") });
    await waitFor(() => expect(result.current.data?.status).toBe("QUEUED"));
    await vi.advanceTimersByTimeAsync(POLL_INTERVAL_MS + 100);
    await waitFor(() => expect(result.current.data?.status).toBe("RUNNING"));
    await vi.advanceTimersByTimeAsync(POLL_INTERVAL_MS + 100);
    await waitFor(() => expect(result.current.data?.status).toBe("COMPLETED"));
    await vi.advanceTimersByTimeAsync(POLL_INTERVAL_MS * 5);
    expect(asked).toBe(3);
  });

  it("does not poll while the stream is open", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let asked = 0;
    network.use(http.get(STATUS, () => HttpResponse.json(aJob({ status: asked++ ? "RUNNING" : "QUEUED" }))));
    const { result } = renderHook(() => useJobStatus("job-1"), { wrapper: providers(makeQueryClient(), "open") });
    await waitFor(() => expect(result.current.data?.status).toBe("QUEUED"));
    await vi.advanceTimersByTimeAsync(POLL_INTERVAL_MS * 5);
    expect(asked).toBe(1);
  });

  it("does not ask for a job that is still being sent", async () => {
    const { result } = renderHook(() => useJobStatus("sending-1"), { wrapper: providers(makeQueryClient(), "reconnecting") });
    await Promise.resolve();
    expect(result.current.fetchStatus).toBe("idle");
  });
});
