import { expect } from "@playwright/test";
import { expectAccessible, expectPicture, keepScreenshot, OWNER, PICTURE_MS, sendPrompt, SESSION_FILE, test, watchForErrors } from "./studio";

test("a first visitor makes an account, types a prompt and sees the picture", async ({ page }) => {
  const errors = watchForErrors(page);

  await test.step("a fresh studio welcomes", async () => {
    await page.goto("/");
    await expect(page).toHaveURL(/\/register$/);
    await expect(page.getByRole("heading", { name: "Welcome to Easel" })).toBeVisible();
    await expectAccessible(page);
    await keepScreenshot(page, "register");
  });

  await test.step("fields say what is missing", async () => {
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Open the studio" }).click();
    await expect(page.getByText("At least 10 characters.")).toBeVisible();
    await expect(page.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
    await expectAccessible(page);
  });

  await test.step("the account opens the studio", async () => {
    await page.getByLabel("Name").fill(OWNER.name);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByRole("button", { name: "Open the studio" }).click();
    await expect(page.getByRole("heading", { name: "What do you want to see?" })).toBeVisible();
    await expect(page.locator('[data-stream="open"]')).toBeAttached();
    await expectAccessible(page);
    await keepScreenshot(page, "studio-empty");
  });

  await test.step("the prompt becomes a job, the job a picture", async () => {
    // Whatever is said about the job, in the order in which it is said.
    const said = page.evaluate(
      (limit) =>
        new Promise<string[]>((resolve) => {
          const seen = new Set<string>();
          const look = () => {
            const line = document.querySelector("article [data-status]");
            if (line) seen.add(line.getAttribute("data-status") ?? "");
            if (seen.has("COMPLETED")) done();
          };
          const observer = new MutationObserver(look);
          const done = () => {
            observer.disconnect();
            resolve([...seen]);
          };
          observer.observe(document.body, { subtree: true, childList: true, attributes: true });
          setTimeout(done, limit);
        }),
      PICTURE_MS,
    );
    const card = await sendPrompt(page, "a red rocket");
    await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("");
    expect(await said).toEqual(["QUEUED", "RUNNING", "COMPLETED"]);
    await expectPicture(card.getByRole("img", { name: "a red rocket" }));
    await expect(card.getByText(/^Done in/)).toBeVisible();
    await expectAccessible(page);
    await keepScreenshot(page, "studio");
  });

  await test.step("the draft survives a reload", async () => {
    await page.getByRole("textbox", { name: "Prompt" }).fill("something for later");
    await page.reload();
    await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("something for later");
    await page.getByRole("textbox", { name: "Prompt" }).fill("");
  });

  await page.context().storageState({ path: SESSION_FILE });
  expect(errors).toEqual([]);
});
