import type { en } from "@/messages/en";
import { DEFAULT_LOCALE, type Locale } from "./locales";
import { formatMessage } from "./messageFormat";

/** English is the source: its keys, and the arguments inside its messages, are what the type check holds others to. */
export type Catalogue = typeof en;
export type Feature = keyof Catalogue;
export type Messages = Readonly<Partial<Record<Feature, Readonly<Record<string, string>>>>>;

/*
 * The names of a message's arguments, read from its type. Every brace, of either kind, changes between text and the
 * inside of an argument: text {argument, plural, one {text} other {text}} text.
 */
type InText<S, Found = never> = S extends `${infer Before}{${infer Rest}`
  ? Before extends `${string}}${string}`
    ? S extends `${string}}${infer Inside}`
      ? InArgument<Inside, Found>
      : never
    : AfterOpening<Rest, Found>
  : S extends `${string}}${infer Inside}`
    ? InArgument<Inside, Found>
    : Found;
type AfterOpening<S, Found> = S extends `${infer Name}}${infer Rest}`
  ? Name extends `${infer Word},${string}`
    ? S extends `${string},${infer Body}`
      ? InArgument<Body, Found | Word>
      : never
    : InText<Rest, Found | Name>
  : never;
type InArgument<S, Found> = S extends `${infer Before}{${infer Rest}`
  ? Before extends `${string}}${string}`
    ? S extends `${string}}${infer Text}`
      ? InText<Text, Found>
      : never
    : InText<Rest, Found>
  : S extends `${string}}${infer Text}`
    ? InText<Text, Found>
    : Found;

export type ArgumentsOf<Message extends string, Names extends string = InText<Message> & string> = [Names] extends [never]
  ? []
  : [values: Readonly<Record<Names, string | number>>];

export type TextKey<F extends Feature> = keyof Catalogue[F] & string;

/** One feature's messages in the visitor's language: `text("length", { n: 3, limit: 20 })`. */
export type Text<F extends Feature> = <K extends TextKey<F>>(
  key: K,
  ...values: Catalogue[F][K] extends string ? ArgumentsOf<Catalogue[F][K]> : never
) => string;

/** @throws Error when the feature's messages were not given to this page (see components/shell/MessagesFor). */
export function makeText<F extends Feature>(messages: Messages, feature: F, locale: Locale = DEFAULT_LOCALE): Text<F> {
  const own = messages[feature];
  if (!own) throw new Error(`This page was not given the messages of “${feature}”: name it in a <MessagesFor> above.`);
  return (key, ...values) => formatMessage(own[key] ?? key, values[0] ?? {}, locale);
}
