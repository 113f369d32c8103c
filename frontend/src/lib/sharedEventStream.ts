import type { EventStreamOptions, StreamState } from "./eventStream";
import type { JobEvent, JobEventType } from "./jobEvents";

type Note =
  | { kind: "event"; type: JobEventType; event: JobEvent }
  | { kind: "state"; state: StreamState }
  | { kind: "hello" };

/** What the tab that leads asks of its stream. */
export type LeaderOptions = Omit<EventStreamOptions, "createSource">;

export interface SharedStreamOptions extends LeaderOptions {
  /** Called each time the stream has become open: events between what was asked before and now may have been missed. */
  onOpen: () => void;
}

/** As much of a stream as the tab that leads needs. */
export interface LeaderStream {
  start: () => void;
  stop: () => void;
}

const NAME = "easel-events";

/**
 * One event stream for all tabs of a browser: a server has few connections to give, and a browser few per site. Whoever
 * holds the Web Lock opens the stream and tells the others over a BroadcastChannel; when that tab closes, the browser gives
 * the lock to the next one, which opens a stream of its own. A tab for which the stream becomes open, the first time too,
 * catches up: its page was drawn before it listened.
 */
export class SharedEventStream {
  private channel: BroadcastChannel | null = null;
  private readonly leaving = new AbortController();
  private state: StreamState | null = null;
  private leader: LeaderStream | null = null;
  private release: () => void = () => undefined;

  constructor(
    private readonly options: SharedStreamOptions,
    private readonly makeStream: (options: LeaderOptions) => LeaderStream,
  ) {}

  start(): void {
    this.setState("connecting");
    // Both need a secure context or a recent browser; without them each tab is on its own.
    if (!("locks" in navigator) || !("BroadcastChannel" in globalThis)) {
      this.lead();
      return;
    }
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = ({ data }: MessageEvent<Note>) => this.heard(data);
    this.tell({ kind: "hello" });
    const held = () =>
      new Promise<void>((resolve) => {
        this.release = resolve;
        this.lead();
      });
    navigator.locks.request(NAME, { signal: this.leaving.signal }, held).catch((error: unknown) => {
      if (!this.leaving.signal.aborted) throw error;
    });
  }

  stop(): void {
    this.leaving.abort();
    this.leader?.stop();
    this.leader = null;
    this.channel?.close();
    this.channel = null;
    this.release();
  }

  /** Whether this tab holds the stream: what must happen once per browser happens here. */
  get leads(): boolean {
    return this.leader !== null;
  }

  private lead(): void {
    if (this.leaving.signal.aborted) {
      this.release();
      return;
    }
    const { renewSession } = this.options;
    this.leader = this.makeStream({
      renewSession,
      onEvent: (type, event) => {
        this.options.onEvent(type, event);
        this.tell({ kind: "event", type, event });
      },
      onState: (state) => {
        this.setState(state);
        this.tell({ kind: "state", state });
      },
    });
    this.leader.start();
  }

  private heard(note: Note): void {
    if (note.kind === "hello") {
      if (this.leader && this.state) this.tell({ kind: "state", state: this.state });
      return;
    }
    if (this.leader) return;
    if (note.kind === "event") this.options.onEvent(note.type, note.event);
    else this.setState(note.state);
  }

  private setState(state: StreamState): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState(state);
    if (state === "open") this.options.onOpen();
  }

  private tell(note: Note): void {
    this.channel?.postMessage(note);
  }
}
