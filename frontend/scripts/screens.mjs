// Takes a picture of every screen in Chromium: desktop and phone, dark and light. Started by scripts/screens.py, which
// makes the studio; the last line printed is the list of what was taken, as JSON.
/* global document -- parts of it run in the page */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const { EASEL_E2E_URL, EASEL_CHROMIUM, EASEL_SCREENS_FOLDER, EASEL_SCREENS_ONLY } = process.env;
const OWNER = { name: "Ada Lovelace", email: "ada@example.com", password: "a darkroom of one's own" };
const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
const SCHEMES = ["dark", "light"];
/** Seeds are fixed, so that a new run shows the same pictures. */
const PROMPTS = [
  ["a red heart", 7, 2],
  ["a green apple", 11, 2],
  ["a yellow umbrella", 23, 2],
  ["a blue car", 5, 2],
  ["an orange star", 3, 2],
  ["a purple balloon", 17, 2],
  ["a red rocket", 21, 2],
  ["a blue fish", 9, 2],
  ["a yellow house", 13, 2],
  ["a pink flower", 31, 2],
];

const only = EASEL_SCREENS_ONLY ? new Set(EASEL_SCREENS_ONLY.split(",")) : null;
const browser = await chromium.launch({
  executablePath: EASEL_CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--force-color-profile=srgb", "--hide-scrollbars"],
});
const taken = [];

/** One screen: `path` or `open` leads to it, `ready` is what must be seen, `signedIn` false is a stranger's view, `live` false has no stream. */
async function take(made, { name, title, path, open, ready, signedIn = true, live = true }) {
  if (only && !only.has(name)) return;
  for (const [size, look] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({
        baseURL: EASEL_E2E_URL,
        colorScheme,
        reducedMotion: "reduce",
        ...look,
        storageState: signedIn ? made.session : undefined,
      });
      const page = await context.newPage();
      await page.route("**/*.css", swapFonts);
      const target = typeof path === "function" ? path(made) : path;
      await page.goto(target);
      if (open) await open(page, made);
      await page.locator(ready).first().waitFor();
      // Times and choices that only the browser knows come with the script.
      if (signedIn && live) await page.locator('[data-stream="open"]').waitFor({ state: "attached" });
      await allPictures(page);
      await page.screenshot({ path: join(EASEL_SCREENS_FOLDER, `${name}-${size}-${colorScheme}.png`) });
      // The session's cookies are renewed as time goes by, and the old ones are good for nothing then.
      if (signedIn) made.session = await context.storageState();
      await context.close();
    }
  }
  taken.push({ name, title });
  console.log(title);
}

/** As somebody sees it who was here before: at the first visit a font that comes late is left out (src/app/fonts.ts). */
async function swapFonts(route) {
  const response = await route.fetch();
  await route.fulfill({ response, body: (await response.text()).replaceAll("font-display:optional", "font-display:swap") });
}

/** Whatever is on the screen is drawn, and its placeholder gone. */
async function allPictures(page) {
  await page.waitForFunction(() =>
    [...document.images].every((image) => image.loading === "lazy" || (image.complete && image.naturalWidth > 0)),
  );
  await page.evaluate(() => document.fonts.ready);
}

async function enter() {
  const context = await browser.newContext({ baseURL: EASEL_E2E_URL });
  const page = await context.newPage();
  await page.goto("/");
  const { email, password, name } = OWNER;
  const post = await poster(page);
  // A studio that has an account already is one that is looked at while its pages are worked on.
  if (new URL(page.url()).pathname === "/register") await post("/api/v1/auth/register", { email, password, name });
  else await post("/api/v1/auth/login", { email, password });
  return { context, page, post: await poster(page) };
}

/** Calls the API as the page does, with its cookies and its CSRF token. */
async function poster(page) {
  const cookies = await page.context().cookies();
  const token = cookies.find(({ name }) => name.endsWith("easel_csrf"))?.value ?? "";
  return async (path, data) => {
    const headers = { "X-CSRF-Token": token, Origin: EASEL_E2E_URL };
    const response = await page.request.post(path, { data, headers });
    if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`);
    return await response.json();
  };
}

async function makePictures({ page, post }) {
  const jobs = [];
  for (const [prompt, seed, count] of PROMPTS) {
    jobs.push(await post("/api/v1/generate", { prompt, seed, num_images: count, visibility: "organization" }));
  }
  const done = [];
  for (const { job_id: id } of jobs) {
    let job;
    do {
      await page.waitForTimeout(1_000);
      job = await (await page.request.get(`/api/v1/status/${id}`)).json();
    } while (!["COMPLETED", "FAILED", "CANCELED"].includes(job.status));
    if (job.status !== "COMPLETED") throw new Error(`“${job.prompt}” ended as ${job.status}`);
    done.push(job);
  }
  return done;
}

async function makeCollections(post, jobs) {
  // As the gallery shows them: the newest first.
  const images = jobs.flatMap((job) => job.images.map((image) => image.id)).reverse();
  await post("/api/v1/collections", { name: "For the poster", image_ids: images.slice(8, 11) });
  await post("/api/v1/collections", { name: "Round things", image_ids: images.slice(16) });
  const about = { name: "Toys and fruit", visibility: "organization", image_ids: images.filter((_, at) => at % 2 === 0) };
  const collection = await post("/api/v1/collections", about);
  const share = await post("/api/v1/share-links", { collection_id: collection.id, expires_in_hours: 168 });
  return { collection, images, shared: new URL(share.url).pathname };
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const choose = async (page, { images }, count) => {
  await button(page, "Select").click();
  for (const id of images.slice(0, count)) await page.locator(`[data-card="${id}"]`).click();
};

/** Each look of the dialog has a picture of its own, or it would list the links of the looks before. */
let shared = 0;
const pictureToShare = ({ images }) => `/gallery?image=${images[2 * shared++]}`;

const STRANGERS = [
  { name: "sign-in", title: "Sign in", path: "/login", ready: "form", signedIn: false },
  { name: "shared", title: "What whoever has a link sees", path: (made) => made.shared, ready: "main img", signedIn: false },
  { name: "link-ended", title: "A link that has ended", path: "/share/esh_ended", ready: "h1", signedIn: false },
];
const STUDIO = [
  { name: "studio", title: "The studio", path: "/", ready: "article img" },
  { name: "generate", title: "Every parameter", path: "/generate", ready: "form" },
  { name: "job", title: "One job", path: (made) => `/status/${made.jobs[0].job_id}`, ready: "main img" },
  { name: "gallery", title: "The gallery", path: "/gallery", ready: "figure img" },
  {
    name: "filters",
    title: "Filters of the gallery",
    path: "/gallery",
    ready: "[role=menu]",
    open: (page) => page.getByRole("button", { name: "Filters" }).click(),
  },
  {
    name: "choosing",
    title: "Choosing many",
    path: "/gallery",
    ready: "section[aria-label='The chosen pictures']",
    open: (page, made) => choose(page, made, 3),
  },
  {
    name: "archive",
    title: "An archive",
    path: "/gallery",
    ready: "a[download][href*='/exports/'], [role=status] a[download]",
    open: async (page, made) => {
      await choose(page, made, 3);
      await button(page, "Download as zip").click();
    },
  },
  {
    name: "tags",
    title: "Tags",
    path: "/gallery",
    ready: "[role=dialog]",
    open: async (page, made) => {
      await choose(page, made, 2);
      await button(page, "Tags").click();
    },
  },
  {
    name: "compare",
    title: "Two pictures compared",
    path: "/gallery",
    ready: "[role=dialog] figure img",
    open: async (page, made) => {
      await choose(page, { images: [made.images[0], made.images[5]] }, 2);
      await button(page, "Compare").click();
    },
  },
  { name: "lightbox", title: "One picture", path: (made) => `/gallery?image=${made.images[4]}`, ready: "[role=dialog] img" },
  {
    name: "share",
    title: "Sharing by a link",
    path: pictureToShare,
    ready: "#share-url",
    open: async (page) => {
      await button(page, "Share by link").click();
      await button(page, "Make a link").click();
    },
  },
  { name: "collections", title: "Collections", path: "/collections", ready: "main img" },
  {
    name: "collection",
    title: "One collection",
    path: (made) => `/gallery?collection=${made.collection.id}&sort=arranged`,
    ready: "figure img",
  },
];
const ACCOUNT = [
  { name: "settings", title: "Settings", path: "/settings", ready: "main li" },
  { name: "admin", title: "The organisation", path: "/admin", ready: "#limit-monthly" },
  { name: "work", title: "Work", path: "/admin/work", ready: "main li" },
  { name: "moderation", title: "Moderation", path: "/admin/moderation", ready: "#check-url" },
  { name: "audit", title: "The audit log", path: "/admin/audit", ready: "main ol li" },
  { name: "nowhere", title: "A page that is not there", path: "/nowhere", ready: "h1", live: false },
];

try {
  mkdirSync(EASEL_SCREENS_FOLDER, { recursive: true });
  const fresh = { session: undefined };
  await take(fresh, { name: "welcome", title: "The first visit", path: "/register", ready: "form", signedIn: false });
  const owner = await enter();
  const jobs = await makePictures(owner);
  const made = { jobs, ...(await makeCollections(owner.post, jobs)), session: await owner.context.storageState() };
  for (const screen of [...STRANGERS, ...STUDIO, ...ACCOUNT]) await take(made, screen);
  console.log(JSON.stringify(taken));
} finally {
  await browser.close();
}
