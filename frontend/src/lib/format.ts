import type { Locale } from "./locales";
import type { Text } from "./text";

export interface Formats {
  number: (value: number, digits?: number) => string;
  dateTime: (iso: string) => string;
  /** A calendar day, whatever the time zone of the visitor: "2026-02-27" → "27 Feb". */
  day: (date: string) => string;
  /** Seconds in the words that a person waiting would use: "3 s", "2 min". */
  wait: (seconds: number) => string;
  /** How much a file weighs: "3.4 MB". */
  bytes: (count: number) => string;
  /** Between two times; null when one of them is not known. */
  duration: (from: string | null | undefined, to: string | null | undefined) => string | null;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function makeFormats(locale: Locale, text: Text<"common">): Formats {
  const number = (value: number, digits = 1) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  const dateTimes = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
  const wait = (seconds: number) => {
    if (seconds < 1) return text("aMoment");
    if (seconds < 60) return text("seconds", { n: number(Math.ceil(seconds)) });
    if (seconds < 3_600) return text("minutes", { n: number(Math.round(seconds / 60)) });
    return text("hours", { n: number(seconds / 3_600) });
  };
  return {
    number,
    dateTime: (iso) => dateTimes.format(new Date(iso)),
    day: (date) => days.format(new Date(date)),
    wait,
    bytes: (count) => {
      const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
      const style = { style: "unit", unit: UNITS[power], unitDisplay: "short", maximumFractionDigits: 1 } as const;
      return new Intl.NumberFormat(locale, style).format(count / 1_000 ** power);
    },
    duration: (from, to) => {
      if (!from || !to) return null;
      const seconds = (Date.parse(to) - Date.parse(from)) / 1_000;
      if (!Number.isFinite(seconds) || seconds < 0) return null;
      if (seconds >= 60) return wait(seconds);
      const exact = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(seconds);
      return text("seconds", { n: exact });
    },
  };
}

export function percent(progress: number): number {
  return Math.round(Math.min(Math.max(progress, 0), 1) * 100);
}

/** A file name that says what is in it. */
export function imageFileName(prompt: string, seed: number): string {
  const slug = prompt
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${slug || "image"}-${seed}.png`;
}
