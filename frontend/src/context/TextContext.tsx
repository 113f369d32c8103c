"use client";

import { createContext, type ReactNode, useContext, useMemo } from "react";
import { DEFAULT_LOCALE, type Locale } from "@/lib/locales";
import { type Feature, makeText, type Messages, type Text } from "@/lib/text";

interface GivenText {
  locale: Locale;
  messages: Messages;
}

export interface TextContextValue extends GivenText {
  /** The same function each time, as long as the messages are the same. */
  textOf: <F extends Feature>(feature: F) => Text<F>;
}

function withTexts({ locale, messages }: GivenText): TextContextValue {
  const made = new Map<Feature, unknown>();
  const textOf = <F extends Feature>(feature: F) => {
    if (!made.has(feature)) made.set(feature, makeText(messages, feature, locale));
    return made.get(feature) as Text<F>;
  };
  return { locale, messages, textOf };
}

/**
 * Messages are made into text here, at the root, so that what reads them is in the root's script once, and not again in
 * that of each page's error (components/shell/LatePageError).
 */
export const TextContext = createContext(withTexts({ locale: DEFAULT_LOCALE, messages: {} }));

/** Adds messages to those from above; they come with the page, in one language, and not with its script. */
export function TextProvider({ locale, messages, children }: GivenText & { children: ReactNode }) {
  const above = useContext(TextContext);
  const value = useMemo(() => withTexts({ locale, messages: { ...above.messages, ...messages } }), [above, locale, messages]);
  return <TextContext value={value}>{children}</TextContext>;
}
