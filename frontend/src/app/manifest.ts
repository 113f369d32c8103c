import type { MetadataRoute } from "next";
import { APP_NAME } from "@/lib/constants";
import { getText, readLocale } from "@/lib/serverText";

export default async function manifest(): Promise<MetadataRoute.Manifest> {
  const text = await getText("common");
  return {
    name: APP_NAME,
    short_name: APP_NAME,
    description: text("pitch"),
    lang: await readLocale(),
    start_url: "/",
    display: "standalone",
    background_color: "#0d0d0d",
    theme_color: "#0d0d0d",
    icons: [
      { src: "/icon.svg", sizes: "any", type: "image/svg+xml" },
      { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
      { src: "/icon-512.png", sizes: "512x512", type: "image/png" },
      // Its drawing keeps to the middle, so that any shape may be cut out of it.
      { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
    ],
  };
}
