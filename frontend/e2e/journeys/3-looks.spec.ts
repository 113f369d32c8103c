import { expect } from "@playwright/test";
import { expectAccessible, keepScreenshot, test, watchForErrors } from "../studio";

const SCREENS = [
  { path: "/", name: "studio", ready: "article img" },
  { path: "/generate", name: "generate", ready: "form" },
  { path: "/gallery", name: "gallery", ready: "figure img" },
  { path: "/settings", name: "settings", ready: "[role=meter], dl" },
];
const SIZES = [
  { name: "desktop", viewport: { width: 1440, height: 900 }, phone: false },
  { name: "phone", viewport: { width: 390, height: 844 }, phone: true },
];

for (const { name, viewport, phone } of SIZES) {
  for (const colorScheme of ["dark", "light"] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme, isMobile: phone, hasTouch: phone, deviceScaleFactor: phone ? 2 : 1 });

      test("every screen fits, and axe finds nothing", async ({ page }) => {
        const errors = watchForErrors(page);
        for (const screen of SCREENS) {
          await page.goto(screen.path);
          await expect(page.locator(screen.ready).first()).toBeVisible();
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, `${screen.path} does not scroll sideways`).toBeLessThanOrEqual(0);
          await expectAccessible(page);
          await keepScreenshot(page, `${screen.name}-${name}-${colorScheme}`);
        }
        expect(errors).toEqual([]);
      });

      test("menus and dialogs open, and axe finds nothing", async ({ page }) => {
        await page.goto("/");
        await expect(page.locator('[data-stream="open"]')).toBeAttached();
        await page.getByRole("button", { name: "Account menu" }).click();
        await expect(page.getByRole("menu")).toBeVisible();
        await expectAccessible(page);
        await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
        await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
        await expectAccessible(page);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toBeHidden();
        await page.locator("article button:has(img)").first().click();
        await expect(page.getByRole("dialog").getByRole("link", { name: "Remix" })).toBeVisible();
        await expectAccessible(page);
        await keepScreenshot(page, `lightbox-${name}-${colorScheme}`);
      });
    });
  }
}

test("the chosen appearance is kept", async ({ page }) => {
  await page.goto("/settings");
  await page.getByRole("button", { name: "Light" }).click();
  await expect(page.locator("html")).toHaveClass(/light/);
  await page.reload();
  await expect(page.locator("html")).toHaveClass(/light/);
});
