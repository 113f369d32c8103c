import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aJob } from "@/testing/fixtures";
import { deservesNotification, markWhileVisible } from "./notifications";

const LONG = aJob({ status: "COMPLETED", created_at: "2026-01-01T00:00:00Z", finished_at: "2026-01-01T00:00:11Z" });
let held: Set<{ name: string }>;

beforeEach(() => {
  held = new Set();
  localStorage.setItem("easel:notify", "true");
  vi.stubGlobal("Notification", { permission: "granted" });
  Object.defineProperty(navigator, "locks", {
    configurable: true,
    value: {
      query: () => Promise.resolve({ held: [...held] }),
      request: async (name: string, _: object, hold: () => Promise<void>) => {
        const lock = { name };
        held.add(lock);
        await hold();
        held.delete(lock);
      },
    },
  });
});
afterEach(() => Reflect.deleteProperty(navigator, "locks"));

describe("a notification", () => {
  it("is for long jobs that ended while no tab of the studio could be seen", async () => {
    expect(await deservesNotification(LONG)).toBe(true);
    expect(await deservesNotification({ ...LONG, status: "FAILED" })).toBe(true);
  });

  it.each([
    ["short", { finished_at: "2026-01-01T00:00:09Z" }],
    ["still running", { status: "RUNNING", finished_at: null }],
    ["canceled by the person", { status: "CANCELED" }],
  ] as const)("is not for one that was %s", async (_, changes) => {
    expect(await deservesNotification({ ...LONG, ...changes })).toBe(false);
  });

  it("is not sent to who did not ask for it, or does not allow it", async () => {
    vi.stubGlobal("Notification", { permission: "denied" });
    expect(await deservesNotification(LONG)).toBe(false);
    vi.stubGlobal("Notification", { permission: "granted" });
    localStorage.removeItem("easel:notify");
    expect(await deservesNotification(LONG)).toBe(false);
  });

  it("is not sent while some tab can be seen", async () => {
    const stop = markWhileVisible();
    expect(await deservesNotification(LONG)).toBe(false);
    stop();
    await Promise.resolve();
    expect(await deservesNotification(LONG)).toBe(true);
  });
});
