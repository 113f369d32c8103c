import { expect } from "@playwright/test";
import { expectAccessible, expectPicture, sendPrompt, test, watchForErrors } from "../studio";

test("an old picture brings its settings back, and a text file says that it has none", async ({ page }) => {
  const errors = watchForErrors(page);
  await page.goto("/generate?prompt=a%20green%20apple&seed=4711&steps=9");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page).toHaveURL(/\/status\//);
  const image = page.getByRole("img", { name: "a green apple", exact: true }).last();
  await expectPicture(image);
  const source = (await image.getAttribute("src")) ?? "";
  const buffer = await (await page.request.get(source)).body();

  await page.goto("/generate");
  const file = page.locator("input[type=file]");
  await file.setInputFiles({ name: "notes.png", mimeType: "image/png", buffer: Buffer.from("no picture at all") });
  await expect(page.getByText("This picture does not tell how it was made")).toBeVisible();
  await file.setInputFiles({ name: "old.png", mimeType: "image/png", buffer });
  await expect(page).toHaveURL(/seed=4711/);
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("a green apple");
  await expect(page.getByLabel("Seed", { exact: true })).toHaveValue("4711");
  await expect(page.getByLabel("Steps", { exact: true })).toHaveValue("9");
  await page.getByRole("button", { name: "Draft", exact: true }).click();
  await expect(page.getByRole("button", { name: "Draft", exact: true })).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByLabel("Steps", { exact: true })).not.toHaveValue("9");
  await expectAccessible(page);
  expect(errors).toEqual([]);
});

test("the arrow up brings old prompts back, and a seed can be kept", async ({ page }) => {
  await page.goto("/");
  const card = page.getByRole("article", { name: "a green apple" }).first();
  await card.getByRole("button", { name: "Keep seed 4711 for the next pictures" }).click();
  await expect(page.getByRole("button", { name: "Seed 4711 is kept; let it go" })).toBeVisible();
  const field = page.getByRole("textbox", { name: "Prompt" });
  await field.press("ArrowUp");
  await expect(field).not.toHaveValue("");
  await field.press("ArrowDown");
  await expect(field).toHaveValue("");
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/api/v1/generate"));
  await sendPrompt(page, "a green apple");
  expect(await (await answered).json()).toMatchObject({ params: { seed: 4711 } });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Seed 4711 is kept; let it go" }).click();
});

test("two tabs share one event stream, and the second goes on when the first closes", async ({ page, context }) => {
  let streams = 0;
  context.on("request", (request) => {
    if (request.url().endsWith("/api/v1/events")) streams += 1;
  });
  await page.goto("/");
  await expect(page.locator('[data-stream="open"]')).toBeAttached();
  const other = await context.newPage();
  await other.goto("/");
  await expect(other.locator('[data-stream="open"]')).toBeAttached();
  expect(streams).toBe(1);

  await sendPrompt(page, "a penguin in two tabs");
  const there = other.getByRole("article", { name: "a penguin in two tabs" });
  await expectPicture(there.getByRole("img", { name: "a penguin in two tabs" }).last());
  expect(streams).toBe(1);

  await page.close();
  await expect.poll(() => streams).toBe(2);
  await expect(other.locator('[data-stream="open"]')).toBeAttached();
  const card = await sendPrompt(other, "a penguin alone");
  await expectPicture(card.getByRole("img", { name: "a penguin alone" }).last());
});
