// First-load JavaScript of each route: serves the build, reads the script tags of each page, and adds up their compressed
// sizes. With --strict it fails when a route is heavier than the budget, or than its own limit.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/** What we want, of the bytes that the proxy sends (scripts/pack-standalone.mjs). */
const BUDGET_KB = 170;
/** What a route may not exceed by gzip: a little over what it weighs. Lower a limit when its route got lighter; never raise one. */
const LIMITS_KB = {
  "/": 183,
  "/generate": 191,
  "/gallery": 182,
  "/status/0": 179,
  "/settings": 174,
  "/admin": 175,
  "/admin/work": 174,
  "/admin/moderation": 176,
  "/admin/audit": 177,
  "/login": 163,
  "/register": 162,
};
const root = new URL("..", import.meta.url).pathname;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function htmlOf(url) {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      // Any session cookie opens the pages (src/proxy.ts); without an API they render their loading state.
      const response = await fetch(url, { headers: { cookie: "easel_csrf=report" }, redirect: "manual" });
      if (response.status === 200) return await response.text();
    } catch {
      // Not up yet.
    }
    await sleep(200);
  }
  throw new Error(`${url} did not answer`);
}

const port = await freePort();
const server = spawn("node", [join(root, ".next/standalone/server.js")], {
  env: { ...process.env, PORT: String(port), HOSTNAME: "127.0.0.1", EASEL_API_INTERNAL_URL: "" },
  stdio: "ignore",
});
let over = false;
try {
  for (const [route, limit] of Object.entries(LIMITS_KB)) {
    const html = await htmlOf(`http://127.0.0.1:${port}${route}`);
    const sources = new Set();
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) {
      const source = /src="\/_next\/([^"?]+)/.exec(tag)?.[1];
      if (source && !/nomodule/i.test(tag)) sources.add(source);
    }
    let gzipped = 0;
    let sent = 0;
    for (const source of sources) {
      const path = join(root, ".next/standalone/.next", source);
      gzipped += gzipSync(await readFile(path)).length;
      sent += (await readFile(`${path}.br`).catch(() => readFile(path))).length;
    }
    const [gzipKb, sentKb] = [gzipped / 1000, sent / 1000];
    const faults = [gzipKb > limit ? "OVER its limit" : "", sentKb > BUDGET_KB ? "OVER the budget" : ""].filter(Boolean);
    over ||= faults.length > 0;
    console.log(
      `${route.padEnd(18)} ${sentKb.toFixed(1).padStart(6)} kB of ${BUDGET_KB} as sent; ` +
        `gzip ${gzipKb.toFixed(1).padStart(6)} of ${limit}, in ${sources.size} files ${faults.join(", ")}`,
    );
  }
} finally {
  server.kill();
}
if (over) {
  console.error("Fetch later what the first paint does not need (React.lazy, import()), or take it out.");
  process.exitCode = process.argv.includes("--strict") ? 1 : 0;
}
