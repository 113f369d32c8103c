import { defineConfig } from "@playwright/test";
import { browserLaunch } from "./scripts/browser.mjs";

/** The studio is started by `./easel test`, or by hand with `./easel up`; it must be fresh, without an account. */
const baseURL = process.env.EASEL_E2E_URL ?? "http://127.0.0.1:3000";

export default defineConfig({
  testDir: "./e2e",
  // One story on one studio: each file goes on where the one before ended.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  maxFailures: process.env.CI ? 3 : 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL,
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: browserLaunch,
  },
  projects: [
    { name: "first-run", testMatch: "first-run.spec.ts" },
    { name: "journeys", testMatch: /journeys\/.*\.spec\.ts/, dependencies: ["first-run"], use: { storageState: "test-results/.session.json" } },
  ],
});
