import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { Providers } from "@/components/shell/Providers";
import { SkipLink } from "@/components/shell/SkipLink";
import { APP_NAME } from "@/lib/constants";
import { direction } from "@/lib/locales";
import { getText, readLocale } from "@/lib/serverText";
import { mono, sans } from "./fonts";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const text = await getText("common");
  return {
    title: { default: APP_NAME, template: `%s · ${APP_NAME}` },
    description: text("pitch"),
    robots: { index: false, follow: false },
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fafafa" },
    { media: "(prefers-color-scheme: dark)", color: "#0d0d0d" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Reading the nonce makes every page dynamic, which the CSP needs (src/proxy.ts).
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  const locale = await readLocale();
  return (
    <html lang={locale} dir={direction(locale)} className={`${sans.variable} ${mono.variable}`} suppressHydrationWarning>
      <body className="flex min-h-dvh flex-col">
        <SkipLink />
        <MessagesFor features={["common", "problems"]}>
          <Providers nonce={nonce}>{children}</Providers>
        </MessagesFor>
      </body>
    </html>
  );
}
