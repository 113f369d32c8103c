"use client";

import { useEffect, useState } from "react";
import { chooseLocale, DEFAULT_LOCALE, direction, type Locale, LOCALE_COOKIE } from "@/lib/locales";
import { reportPageError } from "@/lib/pageErrors";
import { fatal as de } from "@/messages/de/fatal";
import { fatal as en } from "@/messages/en/fatal";

const MESSAGES = { en, de };

function localeHere(): Locale {
  if (typeof document === "undefined") return DEFAULT_LOCALE;
  const chosen = new RegExp(`${LOCALE_COOKIE}=(\\w+)`).exec(document.cookie)?.[1];
  return chooseLocale(chosen, navigator.languages.join(","));
}

/** The last resort, when even the layout broke: it can count on no styles, no providers and no catalogue. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const locale = localeHere();
  const [trace, setTrace] = useState<string | null>(null);
  useEffect(() => {
    void reportPageError(error).then(setTrace);
  }, [error]);
  const text = MESSAGES[locale];
  return (
    <html lang={locale} dir={direction(locale)} style={{ colorScheme: "light dark" }} suppressHydrationWarning>
      <body style={{ fontFamily: "system-ui, sans-serif", display: "grid", placeItems: "center", minHeight: "100vh" }}>
        <main style={{ textAlign: "center" }}>
          <h1>{text.title}</h1>
          <p>{text.lead}</p>
          {error.digest ? <p>{error.digest}</p> : null}
          {trace ? <p>{trace}</p> : null}
          <button type="button" onClick={reset}>
            {text.tryAgain}
          </button>
        </main>
      </body>
    </html>
  );
}
