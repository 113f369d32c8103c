import { expect, it } from "vitest";
import { de } from "@/messages/de";
import { en } from "@/messages/en";
import { isListed, isOver } from "./exports";
import { makeFormats } from "./format";
import { makeText } from "./text";

const NOW = Date.parse("2026-11-24T12:00:00Z");

it.each([
  ["account", "QUEUED", null, true],
  ["account", "FAILED", null, true],
  ["account", "CANCELED", null, false],
  ["account", "COMPLETED", "2026-11-24T12:00:01Z", true],
  ["account", "COMPLETED", "2026-11-24T11:59:59Z", false],
  ["organization", "QUEUED", null, false],
  ["images", "COMPLETED", "2026-11-24T12:00:01Z", false],
] as const)("among archives of an account, one of %s, %s, good until %s is listed: %s", (kind, status, expires_at, listed) =>
  expect(isListed("account", { kind, status, expires_at }, NOW)).toBe(listed),
);

it("goes on asking only while an archive is being made", () => {
  expect((["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELED"] as const).map(isOver)).toEqual([false, false, true, true, true]);
});

it("says how much a file weighs, in the visitor's way", () => {
  const english = makeFormats("en", makeText(en, "common"));
  const german = makeFormats("de", makeText(de, "common", "de"));
  expect([0, 999, 1_000, 3_440_000, 7.26e9].map(english.bytes)).toEqual(["0 byte", "999 byte", "1 kB", "3.4 MB", "7.3 GB"]);
  expect(german.bytes(3_440_000)).toBe("3,4 MB");
});
