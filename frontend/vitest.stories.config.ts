import { join } from "node:path";
import { storybookTest } from "@storybook/addon-vitest/vitest-plugin";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { browserLaunch } from "./scripts/browser.mjs";

/** Where a story's picture is kept; `npm run test:stories -- --update` takes it anew, to be looked at before it is committed. */
const SNAPSHOTS = new URL("src/components/ui/snapshots", import.meta.url).pathname;

/** Every story in a real browser: it renders, its play function passes, axe finds nothing, and it looks as before. */
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
        setupFiles: ["vitest.stories.setup.ts"],
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          expect: {
            toMatchScreenshot: {
              comparatorName: "pixelmatch",
              comparatorOptions: { threshold: 0.1, allowedMismatchedPixelRatio: 0.005 },
              resolveScreenshotPath: ({ arg, ext }) => join(SNAPSHOTS, `${initialGlobals.theme}-${arg}${ext}`),
            },
          },
          provider: playwright({ launchOptions: browserLaunch, contextOptions: { reducedMotion: "reduce" } }),
          instances: [{ browser: "chromium" as const }],
        },
      },
    })),
  },
});
