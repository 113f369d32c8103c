// Runs Lighthouse (desktop) on pages of a running studio and keeps each report as EASEL_REPORTS/lhr-N.json, where
// Lighthouse CI's `assert` looks for them. Started by `./easel bench lighthouse`, which makes the studio, its pictures and
// the place where Lighthouse is installed (EASEL_LIGHTHOUSE, a node_modules).
import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { browserLaunch } from "./browser.mjs";

const { EASEL_E2E_URL, EASEL_EMAIL, EASEL_PASSWORD, EASEL_LIGHTHOUSE, EASEL_REPORTS, EASEL_ROUNDS } = process.env;
const paths = process.argv.slice(2);
const bring = (file) => import(pathToFileURL(join(EASEL_LIGHTHOUSE, file)).href);
const [{ default: lighthouse }, { default: desktop }] = await Promise.all([
  bring("lighthouse/core/index.js"),
  bring("lighthouse/core/config/desktop-config.js"),
]);

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const context = await chromium.launchPersistentContext("", {
  ...browserLaunch,
  args: [...browserLaunch.args, `--remote-debugging-port=${port}`],
  baseURL: EASEL_E2E_URL,
  viewport: null,
});
try {
  if (EASEL_EMAIL) await signIn(await context.newPage());
  // In turns, so that a neighbour's busy minute is shared by all pages; the first round only warms the server.
  for (let round = 0; round <= Number(EASEL_ROUNDS); round++) {
    for (const path of paths) {
      const result = await lighthouse(EASEL_E2E_URL + path, { port, output: "json", logLevel: "error" }, desktop);
      const { lhr } = result;
      if (lhr.runtimeError) throw new Error(`${path}: ${lhr.runtimeError.message}`);
      if (new URL(lhr.finalDisplayedUrl).pathname !== path) throw new Error(`${path} led to ${lhr.finalDisplayedUrl}`);
      if (round === 0) continue;
      console.error(`round ${round}/${EASEL_ROUNDS}: ${path}`);
      writeFileSync(join(EASEL_REPORTS, `lhr-${readdirSync(EASEL_REPORTS).length}.json`), result.report);
    }
  }
} finally {
  await context.close();
}

async function signIn(page) {
  await page.goto("/login");
  await page.getByLabel("Email").fill(EASEL_EMAIL);
  await page.getByLabel("Password").fill(EASEL_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  await page.close();
}
