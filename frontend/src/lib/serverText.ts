import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { de } from "@/messages/de";
import { en } from "@/messages/en";
import { chooseLocale, type Locale, LOCALE_COOKIE } from "./locales";
import { type Feature, makeText, type Messages, type Text } from "./text";

const CATALOGUES: Record<Locale, Messages> = { en, de };

/** The visitor's language: their cookie, or else what their browser asks for. */
export const readLocale = cache(async (): Promise<Locale> => {
  const [jar, incoming] = await Promise.all([cookies(), headers()]);
  return chooseLocale(jar.get(LOCALE_COOKIE)?.value, incoming.get("accept-language"));
});

/** `useText` for server components and metadata. */
export async function getText<F extends Feature>(feature: F): Promise<Text<F>> {
  const locale = await readLocale();
  return makeText(CATALOGUES[locale], feature, locale);
}

export function messagesOf(locale: Locale, features: readonly Feature[]): Messages {
  return Object.fromEntries(features.map((feature) => [feature, CATALOGUES[locale][feature]]));
}
