import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, expect, type Locator, type Page, test as base } from "@playwright/test";

export const SESSION_FILE = "test-results/.session.json";
export const OWNER = { name: "Ada Lovelace", email: "ada@example.com", password: "a darkroom of one's own" };

/** How long a picture may take on a busy machine with two cores. */
export const PICTURE_MS = 60_000;

/** As a person would, a journey waits for a page to answer: a click before its script is there would be for nothing. */
export const test = base.extend({
  context: async ({ context }, use) => {
    context.on("page", waitAfterLoads);
    await use(context);
  },
});

/** A page in a browser that nobody has signed in with. */
export async function strangersPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  context.on("page", waitAfterLoads);
  return context.newPage();
}

function waitAfterLoads(page: Page): void {
  const goto = page.goto.bind(page);
  const reload = page.reload.bind(page);
  page.goto = async (...how) => {
    const answer = await goto(...how);
    await untilItAnswers(page);
    return answer;
  };
  page.reload = async (...how) => {
    const answer = await reload(...how);
    await untilItAnswers(page);
    return answer;
  };
}

/** React marks each element that it has taken over from the server's markup. Pages that are not its own pass. */
async function untilItAnswers(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    if (!("__next_f" in window)) return true;
    const controls = [...document.querySelectorAll("a[href], button, input, select, textarea")];
    return controls.every((control) => Object.keys(control).some((key) => key.startsWith("__reactProps$")));
  });
}

/** axe, with all its rules, finds nothing. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  expect(told).toEqual([]);
}

/** A picture for the README, if someone wants them. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.EASEL_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

const LOOKS = [
  { name: "desktop-dark", width: 1440, height: 900, scheme: "dark" },
  { name: "desktop-light", width: 1440, height: 900, scheme: "light" },
  { name: "phone-dark", width: 390, height: 844, scheme: "dark" },
  { name: "phone-light", width: 390, height: 844, scheme: "light" },
] as const;

/** The screen as it is, wide and narrow, dark and light: it fits, and axe finds nothing. */
export async function lookAt(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const look of LOOKS) {
    await page.setViewportSize({ width: look.width, height: look.height });
    await page.emulateMedia({ colorScheme: look.scheme });
    await expectAccessible(page);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, `${name} scrolls sideways on ${look.name}`).toBeLessThanOrEqual(0);
    await keepScreenshot(page, `${name}-${look.name}`);
  }
  if (before) await page.setViewportSize(before);
}

/** The part after `#` of the newest mail's link to a page; a studio without a mail server writes mails into a folder. */
export async function tokenFromMail(pathname: string): Promise<string> {
  const folder = join(process.env.EASEL_HOME ?? "", "outbox");
  const find = () => {
    const mails = readdirSync(folder).filter((name) => name.endsWith(".eml")).sort().reverse();
    const links = mails.map((name) => new RegExp(`${pathname}#([\\w-]+)`).exec(decoded(readFileSync(join(folder, name), "latin1")))?.[1]);
    return links.find((link) => link !== undefined) ?? "";
  };
  await expect.poll(find).not.toBe("");
  return find();
}

/** A mail's parts as text, whichever of the two ways each was made safe for the post. */
function decoded(mail: string): string {
  const base64 = mail.replace(/^Content-Transfer-Encoding: base64\r?$[\s\S]*?\r?\n\r?\n([A-Za-z0-9+/=\s]+)/gim, (_, body: string) =>
    Buffer.from(body, "base64").toString("utf8"),
  );
  return base64.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** What the browser complains about: script errors and refusals by the Content Security Policy. */
export function watchForErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|hydrat/i.test(message.text())) errors.push(message.text());
  });
  return errors;
}

export async function sendPrompt(page: Page, prompt: string): Promise<Locator> {
  const field = page.getByRole("textbox", { name: "Prompt" });
  await field.fill(prompt);
  await field.press("Enter");
  const card = page.getByRole("article", { name: prompt }).first();
  await expect(card).toBeVisible();
  return card;
}

/** The picture is there and drawn, not only its frame. */
export async function expectPicture(image: Locator): Promise<void> {
  await expect(image).toBeVisible({ timeout: PICTURE_MS });
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0);
}

export async function signIn(page: Page, password = OWNER.password, email = OWNER.email): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
