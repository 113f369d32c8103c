import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamState } from "./eventStream";
import type { JobEvent } from "./jobEvents";
import { type LeaderOptions, type LeaderStream, SharedEventStream } from "./sharedEventStream";

/** A channel among the tabs of one test; a tab does not hear itself. */
class FakeChannel {
  static all = new Set<FakeChannel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor() {
    FakeChannel.all.add(this);
  }
  postMessage(data: unknown) {
    for (const channel of FakeChannel.all) if (channel !== this) channel.onmessage?.({ data });
  }
  close() {
    FakeChannel.all.delete(this);
  }
}

/** One exclusive lock, given in the order of asking. */
function fakeLocks() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: (_: string, { signal }: { signal: AbortSignal }, held: () => Promise<void>) => {
      const mine = last.then(() => (signal.aborted ? undefined : held()));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

class FakeStream implements LeaderStream {
  static opened: FakeStream[] = [];
  running = false;
  constructor(readonly options: LeaderOptions) {
    FakeStream.opened.push(this);
  }
  start() {
    this.running = true;
    this.options.onState("connecting");
  }
  stop() {
    this.running = false;
  }
}

function openTab() {
  const states: StreamState[] = [];
  const onEvent = vi.fn();
  const onOpen = vi.fn();
  const options = { onEvent, onOpen, onState: (state: StreamState) => states.push(state), renewSession: () => Promise.resolve(true) };
  const stream = new SharedEventStream(options, (leading) => new FakeStream(leading));
  stream.start();
  return { stream, states, onEvent, onOpen };
}
const settle = () => new Promise((resolve) => setTimeout(resolve));
const EVENT = { job_id: "1" } as JobEvent;

describe("SharedEventStream", () => {
  beforeEach(() => {
    FakeChannel.all.clear();
    FakeStream.opened = [];
    vi.stubGlobal("BroadcastChannel", FakeChannel);
    Object.defineProperty(navigator, "locks", { configurable: true, value: fakeLocks() });
  });
  afterEach(() => Reflect.deleteProperty(navigator, "locks"));

  it("opens one stream for all tabs, and tells each of them what it says", async () => {
    const one = openTab();
    await settle();
    const [stream] = FakeStream.opened;
    stream?.options.onState("open");
    const two = openTab();
    await settle();
    expect(FakeStream.opened).toHaveLength(1);
    expect(two.states.at(-1)).toBe("open");
    stream?.options.onEvent("job.started", EVENT);
    expect(one.onEvent).toHaveBeenCalledExactlyOnceWith("job.started", EVENT);
    expect(two.onEvent).toHaveBeenCalledExactlyOnceWith("job.started", EVENT);
    stream?.options.onState("reconnecting");
    expect([one.states.at(-1), two.states.at(-1)]).toEqual(["reconnecting", "reconnecting"]);
    expect([one.stream.leads, two.stream.leads]).toEqual([true, false]);
    two.stream.stop();
    one.stream.stop();
  });

  it("goes on in the next tab when the leading one closes, and every tab catches up", async () => {
    const one = openTab();
    await settle();
    FakeStream.opened[0]?.options.onState("open");
    const two = openTab();
    const three = openTab();
    await settle();
    expect([one, two, three].map(({ onOpen }) => onOpen.mock.calls.length)).toEqual([1, 1, 1]);
    one.stream.stop();
    await settle();
    expect(FakeStream.opened.map(({ running }) => running)).toEqual([false, true]);
    FakeStream.opened[1]?.options.onState("open");
    expect([two, three].map(({ onOpen }) => onOpen.mock.calls.length)).toEqual([2, 2]);
    FakeStream.opened[1]?.options.onEvent("job.started", EVENT);
    expect(three.onEvent).toHaveBeenCalledOnce();
    expect(one.onEvent).not.toHaveBeenCalled();
    two.stream.stop();
    three.stream.stop();
  });

  it("catches up once each time the stream becomes open, the first time too: the page was drawn before", async () => {
    const only = openTab();
    await settle();
    const stream = FakeStream.opened[0];
    expect(only.onOpen).not.toHaveBeenCalled();
    stream?.options.onState("open");
    stream?.options.onState("open");
    expect(only.onOpen).toHaveBeenCalledOnce();
    stream?.options.onState("reconnecting");
    stream?.options.onState("open");
    expect(only.onOpen).toHaveBeenCalledTimes(2);
    expect(only.states).toEqual(["connecting", "open", "reconnecting", "open"]);
    only.stream.stop();
  });

  it("a tab that closes while it waits never leads", async () => {
    const one = openTab();
    const two = openTab();
    await settle();
    two.stream.stop();
    one.stream.stop();
    await settle();
    expect(FakeStream.opened).toHaveLength(1);
  });

  it("opens a stream of its own where the browser has no locks", () => {
    Reflect.deleteProperty(navigator, "locks");
    const one = openTab();
    const two = openTab();
    expect(FakeStream.opened).toHaveLength(2);
    one.stream.stop();
    two.stream.stop();
  });
});
