import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { expectAccessible, expectPicture, keepScreenshot, PICTURE_MS, strangersPage, test, watchForErrors } from "../studio";

const open = (page: Page, prompt: string) => page.getByRole("button", { name: `Open “${prompt}”` });

test("pictures are chosen, tagged, collected, compared, packed, shared by a link that ends, deleted and brought back", async ({ page, browser }) => {
  test.setTimeout(8 * PICTURE_MS);
  const errors = watchForErrors(page);
  // Of no other journey: a name must stand for one picture.
  const prompts = ["a brown guitar", "a pink balloon"];
  for (const prompt of prompts) {
    const made = await page.request.post("/api/v1/generate", {
      data: { prompt },
      headers: { "X-CSRF-Token": await csrf(page), Origin: new URL(page.url() === "about:blank" ? baseUrl() : page.url()).origin },
    });
    expect(made.status()).toBe(202);
  }
  await page.goto("/gallery");
  for (const prompt of prompts) await expect(open(page, prompt)).toBeVisible({ timeout: PICTURE_MS });
  await expect(page.locator('[data-stream="open"]')).toBeAttached();

  await test.step("by keyboard: move, choose, extend, give up", async () => {
    await page.keyboard.press("j");
    await expect(page.locator("[data-card]:focus")).toHaveCount(1);
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+ArrowRight");
    await expect(page.getByText("2 chosen")).toBeVisible();
    await expect(page.locator("[data-card]:focus")).toHaveCount(1);
    await expectAccessible(page);
    await keepScreenshot(page, "gallery-chosen");
    await page.keyboard.press("Escape");
    await expect(page.getByText("2 chosen")).toBeHidden();
  });

  await test.step("tags", async () => {
    for (const prompt of prompts) await page.getByRole("button", { name: `Choose “${prompt}”` }).first().click();
    await page.getByRole("button", { name: "Tags", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Tags" });
    await dialog.getByLabel("New tag").fill("still life");
    await dialog.getByLabel("New tag").press("Enter");
    await expect(dialog.getByRole("button", { name: "Remove the tag still life" })).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
  });

  await test.step("compare two", async () => {
    await page.getByRole("button", { name: "Compare" }).click();
    const dialog = page.getByRole("dialog", { name: "Compare" });
    await expect(dialog.getByRole("img")).toHaveCount(2);
    await page.keyboard.press("+");
    await expectAccessible(page);
    await keepScreenshot(page, "compare");
    await page.keyboard.press("Escape");
  });

  await test.step("into a new collection", async () => {
    await page.getByRole("button", { name: "Add to a collection" }).click();
    const dialog = page.getByRole("dialog", { name: "Add to a collection" });
    await dialog.getByLabel("Name of a new collection").fill("Still lifes");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(dialog).toBeHidden();
  });

  await test.step("as a zip, made by the upkeep", async () => {
    await page.getByRole("button", { name: "Download as zip" }).click();
    const fetched = page.getByRole("link", { name: "Download", exact: true });
    await expect(fetched).toBeVisible({ timeout: PICTURE_MS });
    await expectAccessible(page);
    const download = page.waitForEvent("download");
    await fetched.click();
    const archive = await download;
    expect(archive.suggestedFilename()).toMatch(/^easel-.*-2\.zip$/);
    expect(readFileSync(await archive.path()).subarray(0, 2).toString()).toBe("PK");
    await page.getByRole("button", { name: "Dismiss" }).click();
  });

  await test.step("delete both, and bring them back", async () => {
    await page.getByRole("region", { name: "The chosen pictures" }).getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("2 pictures deleted")).toBeVisible();
    for (const prompt of prompts) await expect(open(page, prompt)).toBeHidden();
    await page.getByRole("button", { name: "Undo" }).click();
    for (const prompt of prompts) await expect(open(page, prompt)).toBeVisible();
  });

  await test.step("search forgives a slip of the finger", async () => {
    await page.getByRole("searchbox").fill("baloon");
    await expect(open(page, "a brown guitar")).toBeHidden();
    await expect(open(page, "a pink balloon")).toBeVisible();
    await expect(page).toHaveURL(/q=baloon/);
    await page.getByRole("button", { name: "Clear the search" }).click();
  });

  await test.step("the collection, its link, and its end", async () => {
    await page.getByRole("link", { name: "Collections" }).click();
    await expect(page).toHaveURL(/\/collections$/);
    await expectAccessible(page);
    await keepScreenshot(page, "collections");
    await page.getByRole("link", { name: /Still lifes/ }).click();
    await expect(page.getByRole("heading", { name: "Still lifes" })).toBeVisible();
    await expectPicture(open(page, "a brown guitar").getByRole("img"));
    await expectAccessible(page);
    await page.getByRole("button", { name: "Actions of the collection" }).click();
    await page.getByRole("menuitem", { name: "Share by link" }).click();
    const dialog = page.getByRole("dialog", { name: "Share by link" });
    await dialog.getByRole("button", { name: "Make a link" }).click();
    const address = await dialog.getByLabel("Link", { exact: true }).inputValue();
    await expectAccessible(page);
    await keepScreenshot(page, "share");

    const anybody = await strangersPage(browser);
    const { pathname } = new URL(address);
    await anybody.goto(new URL(pathname, page.url()).href);
    await expect(anybody.getByRole("heading", { name: "Still lifes" })).toBeVisible();
    await expectPicture(anybody.getByRole("img", { name: "Picture 1" }));
    expect(await anybody.content()).not.toContain("brown guitar");
    await expectAccessible(anybody);
    await keepScreenshot(anybody, "shared");

    await dialog.getByRole("button", { name: "End this link" }).click();
    await expect(dialog.getByRole("button", { name: "End this link" })).toBeHidden();
    await anybody.reload();
    await expect(anybody.getByRole("heading", { name: "This link has ended" })).toBeVisible();
    await expectAccessible(anybody);
    await anybody.context().close();
  });
  expect(errors).toEqual([]);
});

function baseUrl(): string {
  return process.env.EASEL_E2E_URL ?? "";
}

async function csrf(page: Page): Promise<string> {
  const cookies = await page.context().cookies();
  return cookies.find(({ name }) => name.endsWith("easel_csrf"))?.value ?? "";
}
