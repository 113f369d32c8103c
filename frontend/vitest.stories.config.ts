import { storybookTest } from "@storybook/addon-vitest/vitest-plugin";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { browserLaunch } from "./scripts/browser.mjs";

/** Every story in a real browser: it renders, its play function passes, axe finds nothing. */
const PAGES = {
  light: { theme: "light", direction: "ltr" },
  "dark, right to left": { theme: "dark", direction: "rtl" },
};

export default defineConfig({
  test: {
    // For hanging, not for slowness, as in vitest.config.ts.
    testTimeout: 60_000,
    projects: Object.entries(PAGES).map(([name, initialGlobals]) => ({
      plugins: [storybookTest({ configDir: new URL(".storybook", import.meta.url).pathname, initialGlobals })],
      test: {
        name,
        testTimeout: 60_000,
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright({ launchOptions: browserLaunch, contextOptions: { reducedMotion: "reduce" } }),
          instances: [{ browser: "chromium" as const }],
        },
      },
    })),
  },
});
