import { expect, it } from "vitest";
import { waitingReason } from "./waitingReason";

const workers = (...states: string[]) => states.map((state) => ({ state }));

it.each([
  [{ waiting: 0, running: 2 }, workers("busy"), null],
  [{ waiting: 1, running: 0 }, undefined, null],
  [{ waiting: 1, running: 0 }, workers(), "whyNoWorker"],
  [{ waiting: 1, running: 0 }, workers("starting", "loading"), "whyLoading"],
  [{ waiting: 1, running: 0 }, workers("busy", "idle"), "whySoon"],
  [{ waiting: 9, running: 1 }, workers("busy", "loading"), "whyOwn"],
  [{ waiting: 1, running: 0 }, workers("busy"), "whyOthers"],
])("%j with %j workers: %s", (work, present, reason) => expect(waitingReason(work, present)).toBe(reason));
