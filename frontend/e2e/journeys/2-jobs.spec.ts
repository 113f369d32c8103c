import { expect } from "@playwright/test";
import { expectAccessible, expectPicture, keepScreenshot, PICTURE_MS, sendPrompt, test, watchForErrors } from "../studio";

test("the full form makes a picture, and its job has a page of its own", async ({ page }) => {
  const errors = watchForErrors(page);
  await page.goto("/generate?prompt=a%20blue%20heart&seed=7");
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  await expect(prompt).toHaveValue("a blue heart");

  await prompt.fill("");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText("Say what you want to see.")).toBeVisible();
  await expectAccessible(page);

  await prompt.fill("a blue heart");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page).toHaveURL(/\/status\//);
  await expect(page.getByRole("heading", { level: 1, name: "a blue heart" })).toBeVisible();
  await expectPicture(page.getByRole("img", { name: "a blue heart", exact: true }).last());
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await expectAccessible(page);
  await keepScreenshot(page, "status");
  expect(errors).toEqual([]);
});

test("a job shows how its pictures come about, can be canceled, and sent again", async ({ page }) => {
  await page.goto("/");
  await expect(page.locator('[data-stream="open"]')).toBeAttached();
  for (const prompt of ["a yellow umbrella", "a green apple", "a penguin"]) await sendPrompt(page, prompt);
  // Long enough that the cancel comes before the end: a short one shares a pass with the others and is done at once.
  await page.goto("/generate?prompt=a%20purple%20house&steps=100&num_images=8");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page).toHaveURL(/\/status\//);
  await page.goto("/");
  const last = page.getByRole("article", { name: "a purple house" }).first();
  await expect(last.getByRole("img", { name: /^Preview/ }).first()).toBeVisible({ timeout: PICTURE_MS });
  await last.getByRole("button", { name: "Cancel" }).click();
  await expect(last.locator("[data-status=CANCELED]")).toBeVisible();
  await expect(last.getByRole("button", { name: "Try again" })).toBeVisible();
  await keepScreenshot(page, "studio-working");
  await expectAccessible(page);

  const before = await page.getByRole("article").count();
  await last.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("article")).toHaveCount(before + 1);
  const again = page.getByRole("article", { name: "a purple house" }).first();
  await expectPicture(again.getByRole("img", { name: "a purple house" }).last());
  await expect(page.locator("[data-status=QUEUED], [data-status=RUNNING]")).toHaveCount(0, { timeout: PICTURE_MS });
});

test("without the event stream the studio asks, says so, and still shows the picture", async ({ page }) => {
  await page.route("**/api/v1/events", (route) => route.abort());
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/v1/status/")) asked += 1;
  });
  await page.goto("/");
  await expect(page.getByText("Reconnecting…")).toBeVisible();
  const card = await sendPrompt(page, "an orange car");
  await expectPicture(card.getByRole("img", { name: "an orange car" }));
  await expect(card.getByText(/^Done in/)).toBeVisible();
  expect(asked).toBeGreaterThan(0);
  await expectAccessible(page);

  const settled = asked;
  await page.waitForTimeout(5_000);
  expect(asked, "polling stops when the job has ended").toBe(settled);
});

test("markup in a prompt is text, everywhere", async ({ page }) => {
  const prompt = `<img src=x onerror="window.hacked=1">`;
  await page.goto("/");
  const card = await sendPrompt(page, prompt);
  await expectPicture(card.getByRole("img", { name: prompt }));
  await card.getByRole("link", { name: prompt }).click();
  await expect(page.getByRole("heading", { level: 1, name: prompt })).toBeVisible();
  await page.goto("/gallery");
  await expect(page.getByRole("button", { name: `Open “${prompt}”` })).toBeVisible();
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
});

test("pages that are not there say so", async ({ page }) => {
  await page.goto("/status/0198c0de-0000-7000-8000-000000000000");
  await expect(page.getByRole("heading", { name: "There is no such job" })).toBeVisible();
  await expectAccessible(page);
  await page.goto("/no/such/page");
  await expect(page.getByRole("heading", { name: "Nothing hangs here" })).toBeVisible();
  await expectAccessible(page);
});
