import type { QueryClient } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { useStreamState } from "@/hooks/useStreamState";
import { onAnnounce } from "@/lib/announcer";
import { readJob } from "@/lib/jobCache";
import { makeQueryClient } from "@/lib/queryClient";
import { aJob } from "@/testing/fixtures";
import { providers } from "@/testing/providers";
import { JobProvider } from "./JobContext";

class Source extends EventTarget {
  static opened: Source[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    Source.opened.push(this);
  }
  close() {
    this.closed = true;
  }
  send(type: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

let queries: QueryClient;

function State() {
  return <p>{useStreamState()}</p>;
}

async function open() {
  const page = render(
    <JobProvider>
      <State />
    </JobProvider>,
    { wrapper: providers(queries) },
  );
  const source = await waitFor(() => {
    const [first] = Source.opened;
    if (!first) throw new Error("no stream yet");
    return first;
  });
  return { page, source };
}

beforeEach(() => {
  Source.opened = [];
  vi.stubGlobal("EventSource", Source);
  queries = makeQueryClient();
});

it("opens a stream after the page, writes its events into the cache, and says what is worth a word", async () => {
  const said: string[] = [];
  const silence = onAnnounce((words) => said.push(words));
  const { source } = await open();
  expect(screen.getByText("connecting")).toBeTruthy();
  act(() => source.onopen?.());
  expect(screen.getByText("open")).toBeTruthy();
  const job = aJob({ status: "RUNNING", started_at: "2026-11-24T03:00:01.000Z" });
  const event = { job_id: job.job_id, status: job.status, progress: 0, queue_position: null, eta_seconds: 4, preview: null, job };
  act(() => source.send("job.started", event));
  expect(readJob(queries, "job-1")).toMatchObject({ status: "RUNNING", eta_seconds: 4 });
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("a red rocket");
  silence();
});

it("closes the stream with the page", async () => {
  const { page, source } = await open();
  page.unmount();
  expect(source.closed).toBe(true);
});
