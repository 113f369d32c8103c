import { EVENTS_URL } from "./constants";
import { JOB_EVENTS, type JobEvent, type JobEventType } from "./jobEvents";

export type StreamState = "connecting" | "open" | "reconnecting" | "offline";

export interface EventStreamOptions {
  onEvent: (type: JobEventType, event: JobEvent) => void;
  onState: (state: StreamState) => void;
  /** After a refusal: makes the session valid again if it can; `false` means that nobody is signed in any more. */
  renewSession: () => Promise<boolean>;
  createSource?: (url: string) => EventSource;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * One server-sent event stream with a visible state. A dropped connection is the browser's business (it reconnects by
 * itself, with Last-Event-ID); a refused one is closed for good, and is reopened here with growing delays.
 */
export class JobEventStream {
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private stopped = true;

  constructor(private readonly options: EventStreamOptions) {}

  start(): void {
    this.stopped = false;
    window.addEventListener("online", this.retryNow);
    window.addEventListener("offline", this.goOffline);
    this.options.onState("connecting");
    this.open();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener("online", this.retryNow);
    window.removeEventListener("offline", this.goOffline);
    this.clear();
  }

  private clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
    this.source = null;
  }

  private open(): void {
    this.clear();
    const source = (this.options.createSource ?? ((url) => new EventSource(url)))(EVENTS_URL);
    this.source = source;
    source.onopen = () => this.opened();
    source.onerror = () => this.failed(source);
    for (const type of JOB_EVENTS) {
      source.addEventListener(type, (message: MessageEvent<string>) => this.received(type, message.data));
    }
  }

  private opened(): void {
    this.failures = 0;
    this.options.onState("open");
  }

  private received(type: JobEventType, data: string): void {
    let event: JobEvent;
    try {
      event = JSON.parse(data) as JobEvent;
    } catch {
      console.error(`Event ${type} is not JSON`);
      return;
    }
    this.options.onEvent(type, event);
  }

  private failed(source: EventSource): void {
    if (this.stopped || this.source !== source) return;
    this.options.onState(navigator.onLine ? "reconnecting" : "offline");
    if (source.readyState !== EventSource.CLOSED) return;
    this.clear();
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.failures, LONGEST_DELAY_MS) * (0.75 + Math.random() / 2);
    this.failures += 1;
    this.timer = setTimeout(() => void this.reopen(), delay);
  }

  private async reopen(): Promise<void> {
    // EventSource does not say why it was refused: an access token that ran out is the usual reason.
    if (!(await this.options.renewSession()) || this.stopped) return;
    this.open();
  }

  private readonly retryNow = (): void => {
    this.failures = 0;
    this.options.onState("reconnecting");
    this.open();
  };

  private readonly goOffline = (): void => this.options.onState("offline");
}
