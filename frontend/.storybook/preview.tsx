import type { Decorator, Preview } from "@storybook/nextjs-vite";
import { useLayoutEffect } from "react";
import { configure } from "storybook/test";
import { TextProvider } from "../src/context/TextContext";
import { DEFAULT_LOCALE, isLocale, LOCALE_NAMES, LOCALES } from "../src/lib/locales";
import { de } from "../src/messages/de";
import { en } from "../src/messages/en";
import "../src/app/globals.css";
import "./fonts.css";

// As in vitest.setup.ts: a busy machine is no reason to fail.
configure({ asyncUtilTimeout: 15_000 });

const CATALOGUES = { en, de };

/** What every page has around it: theme, direction, fonts, and the words of the chosen language. */
const Page: Decorator = (Story, { globals }) => {
  const dark = globals.theme === "dark";
  const direction = globals.direction === "rtl" ? "rtl" : "ltr";
  const language: unknown = globals.language;
  const locale = typeof language === "string" && isLocale(language) ? language : DEFAULT_LOCALE;
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.lang = locale;
    root.dir = direction;
    root.classList.toggle("dark", dark);
  }, [locale, direction, dark]);
  return (
    <TextProvider locale={locale} messages={CATALOGUES[locale]}>
      <Story />
    </TextProvider>
  );
};

const preview: Preview = {
  decorators: [Page],
  parameters: {
    layout: "padded",
    a11y: { test: "error" },
    backgrounds: { disabled: true },
    nextjs: { appDirectory: true },
  },
  initialGlobals: { theme: "light", direction: "ltr", language: DEFAULT_LOCALE },
  globalTypes: {
    theme: {
      description: "Theme",
      toolbar: {
        icon: "mirror",
        dynamicTitle: true,
        items: [
          { value: "light", title: "Light" },
          { value: "dark", title: "Dark" },
        ],
      },
    },
    direction: {
      description: "Direction of writing",
      toolbar: {
        icon: "transfer",
        dynamicTitle: true,
        items: [
          { value: "ltr", title: "Left to right" },
          { value: "rtl", title: "Right to left" },
        ],
      },
    },
    language: {
      description: "Language",
      toolbar: { icon: "globe", dynamicTitle: true, items: LOCALES.map((value) => ({ value, title: LOCALE_NAMES[value] })) },
    },
  },
};

export default preview;
