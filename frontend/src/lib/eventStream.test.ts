import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { JobEventStream, type StreamState } from "./eventStream";

/** As much of an EventSource as a network fault needs. */
class FakeSource {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();

  constructor() {
    FakeSource.all.push(this);
  }
  addEventListener(type: string, listener: (event: { data: string }) => void) {
    this.listeners.set(type, listener);
  }
  close() {
    this.readyState = 2;
  }
  opens() {
    this.readyState = 1;
    this.onopen?.();
  }
  breaks({ forGood }: { forGood: boolean }) {
    this.readyState = forGood ? 2 : 0;
    this.onerror?.();
  }
  says(type: string, data: string) {
    this.listeners.get(type)?.({ data });
  }
}

function start(renewSession = vi.fn(() => Promise.resolve(true))) {
  const states: StreamState[] = [];
  const onEvent = vi.fn();
  const stream = new JobEventStream({
    onEvent,
    onState: (state) => states.push(state),
    renewSession,
    createSource: () => new FakeSource() as unknown as EventSource,
  });
  stream.start();
  return { stream, states, onEvent, renewSession };
}

function latest(): FakeSource {
  const source = FakeSource.all.at(-1);
  if (!source) throw new Error("No stream was opened");
  return source;
}

describe("JobEventStream", () => {
  beforeEach(() => {
    FakeSource.all = [];
    vi.stubGlobal("EventSource", FakeSource);
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it("passes events on, and drops what is no JSON", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { onEvent, stream } = start();
    latest().opens();
    latest().says("job.started", '{"job_id":"1"}');
    latest().says("job.started", "nonsense");
    expect(onEvent.mock.calls).toEqual([["job.started", { job_id: "1" }]]);
    stream.stop();
  });

  it("leaves a dropped connection to the browser, and says when it is back", () => {
    const { states, stream } = start();
    latest().opens();
    latest().breaks({ forGood: false });
    latest().opens();
    expect(FakeSource.all).toHaveLength(1);
    expect(states).toEqual(["connecting", "open", "reconnecting", "open"]);
    stream.stop();
  });

  it("reopens a refused stream with growing delays, after making the session valid", async () => {
    const { renewSession, stream } = start();
    latest().breaks({ forGood: true });
    await vi.advanceTimersByTimeAsync(1_300);
    expect(renewSession).toHaveBeenCalledOnce();
    expect(FakeSource.all).toHaveLength(2);
    latest().breaks({ forGood: true });
    await vi.advanceTimersByTimeAsync(1_300);
    expect(FakeSource.all).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_300);
    expect(FakeSource.all).toHaveLength(3);
    stream.stop();
  });

  it("gives up when nobody is signed in, and when it is stopped", async () => {
    const signedOut = start(vi.fn(() => Promise.resolve(false)));
    latest().breaks({ forGood: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.all).toHaveLength(1);
    signedOut.stream.stop();

    const stopped = start();
    latest().breaks({ forGood: true });
    stopped.stream.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.all).toHaveLength(2);
  });

  it("comes back at once when the device is online again", () => {
    const { states, stream } = start();
    latest().opens();
    window.dispatchEvent(new Event("offline"));
    window.dispatchEvent(new Event("online"));
    expect(FakeSource.all).toHaveLength(2);
    expect(states).toEqual(["connecting", "open", "offline", "reconnecting"]);
    stream.stop();
  });
});
