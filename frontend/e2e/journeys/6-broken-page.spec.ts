import { expect } from "@playwright/test";
import { expectAccessible, keepScreenshot, test } from "../studio";

test("a page that breaks says so, tells the server and shows the trace; an address with nothing behind it says that", async ({ page }) => {
  await page.goto("/gallery");
  await expect(page.locator('[data-stream="open"]')).toBeAttached();
  await page.route(/\/api\/v1\/images\?.*q=/, (route) => route.fulfill({ json: { items: [{ id: "no picture at all" }], next_cursor: null } }));
  const report = page.waitForResponse((response) => response.url().endsWith("/api/v1/page-errors"));
  await page.getByRole("searchbox").fill("rocket");
  await expect(page.getByRole("heading", { name: "This page broke" })).toBeVisible();
  const answer = await report;
  expect(answer.status()).toBe(202);
  expect(answer.request().postDataJSON()).toMatchObject({ path: "/gallery" });
  const { trace_id: trace } = (await answer.json()) as { trace_id: string };
  await expect(page.getByText(trace)).toBeVisible();
  await expectAccessible(page);
  await keepScreenshot(page, "broken");

  await page.goto("/no-such-page");
  await expect(page.getByRole("heading", { name: "Nothing hangs here" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "To the studio" }).click();
  await expect(page).toHaveURL(/\/$/);
});
