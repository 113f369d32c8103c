import { describe, expect, it } from "vitest";
import { LOCALES } from "@/lib/locales";
import { argumentNames, formatMessage } from "@/lib/messageFormat";
import { de } from "./de";
import { fatal as fatalDe } from "./de/fatal";
import { en } from "./en";
import { fatal as fatalEn } from "./en/fatal";

type Shape = Record<string, Record<string, string>>;
const CATALOGUES: Record<(typeof LOCALES)[number], Shape> = { en: { ...en, fatal: fatalEn }, de: { ...de, fatal: fatalDe } };
const messages = (catalogue: Shape) =>
  Object.entries(catalogue).flatMap(([feature, own]) => Object.entries(own).map(([key, message]) => [`${feature}.${key}`, message] as const));
const source = new Map(messages(CATALOGUES.en));

describe.each(LOCALES)("the catalogue in %s", (locale) => {
  it("has every message, takes the arguments of the English one, and none is empty or malformed", () => {
    const translated = new Map(messages(CATALOGUES[locale]));
    expect([...translated.keys()].sort()).toEqual([...source.keys()].sort());
    for (const [key, message] of translated) {
      expect(message.trim(), key).not.toBe("");
      const names = argumentNames(message);
      for (const name of names) expect(argumentNames(source.get(key) ?? ""), key).toContain(name);
      if (!/plural|select/.test(message)) expect([...names].sort(), key).toEqual([...argumentNames(source.get(key) ?? "")].sort());
      const values = Object.fromEntries([...names].map((name) => [name, 3]));
      expect(formatMessage(message, values, locale), key).not.toMatch(/[{}]/);
    }
  });
});
