import { expect } from "@playwright/test";
import { expectAccessible, expectPicture, keepScreenshot, test, watchForErrors } from "../studio";

test("the gallery has the picture, the lightbox shows it, and it can be liked, deleted and taken back", async ({ page }) => {
  const errors = watchForErrors(page);
  await page.goto("/");
  await expect(page.getByRole("article").first()).toBeVisible();
  await expect(page.locator('[data-stream="open"]')).toBeAttached();
  await page.keyboard.press("g");
  await page.keyboard.press("g");
  await expect(page).toHaveURL(/\/gallery$/);
  const card = page.getByRole("button", { name: "Open “a red rocket”" });
  await expectPicture(card.getByRole("img"));
  await expectAccessible(page);
  await keepScreenshot(page, "gallery");

  await test.step("lightbox", async () => {
    await card.click();
    const dialog = page.getByRole("dialog", { name: "a red rocket" });
    await expectPicture(dialog.getByRole("img", { name: "a red rocket" }));
    await expect(page).toHaveURL(/image=/);
    await expectAccessible(page);
    await keepScreenshot(page, "lightbox");
    await page.keyboard.press("f");
    await expect(dialog.getByRole("button", { name: "Remove from favourites" })).toBeVisible();
    const download = page.waitForEvent("download");
    await dialog.getByRole("link", { name: "Download" }).click();
    expect((await download).suggestedFilename()).toMatch(/^a-red-rocket-\d+\.png$/);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(page).toHaveURL(/\/gallery$/);
  });

  await test.step("filters live in the address", async () => {
    await page.getByRole("button", { name: "Favourites", exact: true }).click();
    await expect(page).toHaveURL(/favorite=true/);
    await expect(card).toBeVisible();
    await page.getByRole("searchbox", { name: "Search prompts" }).fill("no such picture");
    await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
    await expectAccessible(page);
    await page.reload();
    await expect(page.getByRole("searchbox", { name: "Search prompts" })).toHaveValue("no such picture");
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await expect(card).toBeVisible();
  });

  await test.step("delete, and undo", async () => {
    await card.click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("Picture deleted")).toBeVisible();
    await expect(card).toBeHidden();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(card).toBeVisible();
    await page.reload();
    await expect(card).toBeVisible();
    // A click before the page's script is there would be for nothing.
    await expect(page.locator('[data-stream="open"]')).toBeAttached();
  });

  await test.step("remix brings the settings along", async () => {
    await card.click();
    await page.getByRole("dialog").getByRole("link", { name: "Remix" }).click();
    await expect(page).toHaveURL(/\/generate\?/);
    await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("a red rocket");
    await expect(page.getByLabel("Seed", { exact: true })).not.toHaveValue("");
    await expectAccessible(page);
    await keepScreenshot(page, "generate");
  });
  expect(errors).toEqual([]);
});
