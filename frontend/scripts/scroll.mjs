// Scrolls a gallery from top to bottom in Chromium and says how it went, as one line of JSON. Started by
// `./easel bench scroll`, which makes the studio and its pictures.
/* global document, window, performance, requestAnimationFrame, HTMLImageElement -- parts of it run in the page */
import { chromium } from "@playwright/test";
import { browserLaunch } from "./browser.mjs";

const { EASEL_E2E_URL, EASEL_EMAIL, EASEL_PASSWORD, EASEL_IMAGES } = process.env;
const wanted = Number(EASEL_IMAGES);
const PIXELS_A_FRAME = 120;
const PICTURES = Number(process.env.EASEL_PICTURES ?? 10);

const browser = await chromium.launch({
  ...browserLaunch,
  args: [...browserLaunch.args, "--enable-precise-memory-info", "--js-flags=--expose-gc"],
});
try {
  const page = await browser.newPage({ baseURL: EASEL_E2E_URL, viewport: { width: 1440, height: 900 } });
  await page.goto("/login");
  await page.getByLabel("Email").fill(EASEL_EMAIL);
  await page.getByLabel("Password").fill(EASEL_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  const shown = [];
  for (let count = 0; count < PICTURES; count++) shown.push(await timeToPicture(page));
  await page.goto("/gallery");
  await page.locator("[data-card]").first().waitFor();
  const figures = await page.evaluate(scrollThrough, { wanted, step: PIXELS_A_FRAME });
  console.log(JSON.stringify({ ...figures, shown }));
} finally {
  await browser.close();
}

/** Milliseconds from `finished_at`, by the server's clock on this machine, to the decoded picture in its card of the feed. */
async function timeToPicture(page) {
  await page.locator('[data-stream="open"]').waitFor({ state: "attached" });
  const field = page.getByRole("textbox", { name: "Prompt" });
  await field.fill("a blue heart");
  const made = page.waitForResponse((response) => response.url().endsWith("/api/v1/generate"));
  await field.press("Enter");
  const { job_id: jobId } = await (await made).json();
  const shown = await page.waitForFunction(
    (id) => {
      const image = document.querySelector(`[data-job="${id}"] img[alt]:not([alt='']):not([src^='data:'])`);
      const drawn = image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0;
      return drawn ? Date.now() : false;
    },
    jobId,
    { polling: "raf", timeout: 120_000 },
  );
  const job = await (await page.request.get(`/api/v1/status/${jobId}`)).json();
  return (await shown.jsonValue()) - Date.parse(job.finished_at);
}

/** In the page: a step each frame, waiting where the next page of the list is not there yet. */
async function scrollThrough({ wanted, step }) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const list = () => document.querySelector("main ul");
  const last = () => Math.max(...[...list().children].map((item) => Number(item.ariaPosInSet ?? 0)));
  const times = [];
  let elements = 0;
  let before = await frame();
  let still = 0;
  while (last() < wanted && still < 2_000) {
    const from = window.scrollY;
    window.scrollBy(0, step);
    const now = await frame();
    if (window.scrollY > from) {
      times.push(now - before);
      still = 0;
    } else still += 1;
    before = now;
    if (times.length % 50 === 0) elements = Math.max(elements, document.querySelectorAll("*").length);
  }
  times.sort((a, b) => a - b);
  const at = (share) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] * 10) / 10;
  globalThis.gc?.();
  return {
    images: last(),
    frames: times.length,
    median: at(0.5),
    p95: at(0.95),
    worst: at(1),
    slow: times.filter((time) => time > 50).length,
    elements,
    heap: Math.round(performance.memory.usedJSHeapSize / 2 ** 20),
  };
}
