import localFont from "next/font/local";

/*
 * The same files as geist/font gives, but none that comes late takes the place of the system's: swapped under the eyes it
 * moves what is being read. The preload makes it come in time; whoever is too far away has it from the next page on.
 */
export const sans = localFont({
  src: "../../node_modules/geist/dist/fonts/geist-sans/Geist-Variable.woff2",
  variable: "--font-geist-sans",
  weight: "100 900",
  display: "optional",
});

/** Only for ids, keys and code: not worth the wait. */
export const mono = localFont({
  src: "../../node_modules/geist/dist/fonts/geist-mono/GeistMono-Variable.woff2",
  variable: "--font-geist-mono",
  weight: "100 900",
  display: "optional",
  preload: false,
  adjustFontFallback: false,
});
