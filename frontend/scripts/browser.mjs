// The Chromium that every check runs in: the system's own, told not to speak to anyone by itself.
import { existsSync } from "node:fs";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const browserLaunch = {
  executablePath: process.env.EASEL_CHROMIUM ?? PLACES.find((path) => existsSync(path)),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Letters that are drawn alike on every machine, as far as a flag can do it.
    "--font-render-hinting=none",
    "--disable-lcd-text",
  ],
};
