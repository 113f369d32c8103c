// First-load JavaScript of each route, as a browser gets it: serves the build, reads the script tags of each page, and
// adds up their compressed sizes. With --strict it fails when a route is heavier than its limit.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/** What we want. React and Next alone take 141 kB of it (139 with webpack), so it is a direction still. */
const TARGET_KB = 170;
/** What a route may not exceed: a little over what it weighs. Lower a limit when its route got lighter; never raise one. */
const LIMITS_KB = {
  "/": 189,
  "/generate": 196,
  "/gallery": 187,
  "/status/0": 185,
  "/settings": 178,
  "/admin": 180,
  "/admin/work": 179,
  "/admin/moderation": 181,
  "/admin/audit": 182,
  "/login": 167,
  "/register": 166,
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
    let bytes = 0;
    for (const source of sources) bytes += gzipSync(await readFile(join(root, ".next", source))).length;
    const kb = bytes / 1000;
    over ||= kb > limit;
    const state = kb > limit ? "OVER its limit" : kb > TARGET_KB ? `${(kb - TARGET_KB).toFixed(1)} over the target` : "within the target";
    console.log(`${route.padEnd(12)} ${kb.toFixed(1).padStart(7)} kB gzip in ${sources.size} files, limit ${limit}: ${state}`);
  }
} finally {
  server.kill();
}
if (over) {
  console.error("Fetch later what the first paint does not need (React.lazy, import()), or take it out.");
  process.exitCode = process.argv.includes("--strict") ? 1 : 0;
}
