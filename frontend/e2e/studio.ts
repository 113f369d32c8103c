import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";

export const SESSION_FILE = "test-results/.session.json";
export const OWNER = { name: "Ada Lovelace", email: "ada@example.com", password: "a darkroom of one's own" };

/** How long a picture may take on a busy machine with two cores. */
export const PICTURE_MS = 60_000;

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

export async function signIn(page: Page, password = OWNER.password): Promise<void> {
  await page.getByLabel("Email").fill(OWNER.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
