import { expect } from "@playwright/test";
import { expectAccessible, expectPicture, keepScreenshot, test, watchForErrors } from "../studio";

test("the language is chosen in the menu, kept, and what was typed stays", async ({ page }) => {
  const errors = watchForErrors(page);
  await page.goto("/");
  await expect(page.locator('[data-stream="open"]')).toBeAttached();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("textbox", { name: "Prompt" }).fill("for later");
  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("link", { name: "Galerie" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("for later");
  await page.getByRole("textbox", { name: "Prompt" }).fill("");
  for (const path of ["/", "/generate", "/gallery", "/settings"]) {
    await page.goto(path);
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await expectAccessible(page);
  }
  await keepScreenshot(page, "settings-german");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  expect(errors).toEqual([]);
});

test.describe("a browser that asks for German", () => {
  test.use({ locale: "de-AT" });
  test("is answered in German, numbers and all", async ({ page, context }) => {
    await page.goto("/");
    await expect(page.getByText(/^Fertig in \d+,\d s$/).first()).toBeVisible();
    await context.clearCookies();
    await page.goto("/login");
    await expect(page.getByRole("button", { name: "Anmelden" })).toBeVisible();
    await expect(page).toHaveTitle("Anmelden · Easel");
  });
});

test("written from the right, every screen still fits", async ({ page }) => {
  await page.addInitScript(() => {
    document.addEventListener("DOMContentLoaded", () => document.documentElement.setAttribute("dir", "rtl"));
  });
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(viewport);
    for (const path of ["/", "/generate", "/gallery", "/settings"]) {
      await page.goto(path);
      await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(beyond, `${path} does not scroll sideways`).toBeLessThanOrEqual(0);
      await expectAccessible(page);
    }
  }
  await page.goto("/gallery");
  const card = page.getByRole("button", { name: /^Open/ }).first();
  await expectPicture(card.getByRole("img"));
  await keepScreenshot(page, "gallery-rtl");
});
