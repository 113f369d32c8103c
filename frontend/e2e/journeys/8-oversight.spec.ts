import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { expectAccessible, expectPicture, lookAt, sendPrompt, test, watchForErrors } from "../studio";

// Each test looks at several screens, wide and narrow, dark and light.
test.describe.configure({ timeout: 240_000 });

async function writeRule(page: Page, rule: { kind?: string; pattern: string; action: string; note?: string }): Promise<void> {
  await page.getByRole("button", { name: "New rule" }).click();
  const dialog = page.getByRole("dialog", { name: "New rule" });
  if (rule.kind) await dialog.getByLabel("What it looks for").selectOption(rule.kind);
  await dialog.getByLabel(rule.kind === "regex" ? "Expression" : "Words").fill(rule.pattern);
  await dialog.getByLabel("What comes of it").selectOption(rule.action);
  await dialog.getByLabel("Why").fill(rule.note ?? "");
  await dialog.getByRole("button", { name: "Save" }).click();
}

test("rules say which prompts are refused or told of, and a prompt can be tried", async ({ page }) => {
  const errors = watchForErrors(page);
  await page.goto("/admin");
  await page.getByRole("navigation", { name: "Organisation" }).getByRole("link", { name: "Moderation" }).click();
  await expect(page).toHaveURL(/\/admin\/moderation$/);
  await expect(page.getByText("No rules: every prompt passes.")).toBeVisible();
  await expect(page.getByText("Nothing was blocked or flagged.")).toBeVisible();
  await lookAt(page, "moderation-empty");

  await writeRule(page, { kind: "regex", pattern: "(", action: "block" });
  await expect(page.getByRole("dialog").getByText("This is not a regular expression that RE2 takes")).toBeVisible();
  await lookAt(page, "moderation-rule-wrong");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("button", { name: "New rule" })).toBeFocused();

  await writeRule(page, { pattern: "forbidden fruit", action: "block", note: "the garden's rule" });
  await expect(page.getByText("A prompt with these words in a row is refused, however it is spelt.")).toBeVisible();
  await writeRule(page, { kind: "regex", pattern: "gr[ae]y", action: "flag" });
  await expect(page.getByText("gr[ae]y", { exact: true })).toBeVisible();

  const tried = async (prompt: string) => {
    await page.getByLabel("Prompt to try").fill(prompt);
    await page.getByRole("button", { name: "Try it" }).click();
  };
  await tried("a bowl of f0rbidden früit");
  await expect(page.getByText("This prompt is refused.")).toBeVisible();
  await expect(page.getByRole("status").getByText("“forbidden fruit”")).toBeVisible();
  await lookAt(page, "moderation");
  await tried("a grey cat");
  await expect(page.getByText("This prompt passes, and is told of below.")).toBeVisible();
  await tried("a red rocket");
  await expect(page.getByText("This prompt passes. No rule matches it.")).toBeVisible();
  expect(errors).toEqual([]);
});

test("what was refused and what was told of is listed, and which is in the address", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Prompt" }).fill("forbidden fruit on a table");
  await page.getByRole("textbox", { name: "Prompt" }).press("Enter");
  await expect(page.getByText("goes against the rules of your organisation").first()).toBeVisible();
  await page.getByRole("textbox", { name: "Prompt" }).fill("");
  const card = await sendPrompt(page, "a grey cat");
  await expectPicture(card.getByRole("img", { name: "a grey cat" }));

  await page.goto("/admin/moderation");
  const decisions = page.locator("section").filter({ has: page.getByRole("heading", { name: "Decisions" }) });
  await expect(decisions.getByText("It met: forbidden fruit")).toBeVisible();
  await expect(decisions.getByText("It met: gr[ae]y")).toBeVisible();
  await lookAt(page, "moderation-decisions");
  await decisions.getByRole("button", { name: "Blocked" }).click();
  await expect(page).toHaveURL(/\?verdict=blocked$/);
  await expect(decisions.getByText("a grey cat")).toBeHidden();
  await page.reload();
  await expect(decisions.getByText("forbidden fruit on a table")).toBeVisible();
  await expect(decisions.getByText("a grey cat")).toBeHidden();
  await decisions.getByRole("button", { name: "Flagged" }).click();
  await decisions.getByRole("link", { name: "Open the job" }).click();
  await expect(page).toHaveURL(/\/status\//);
});

test("a rule is edited, removed, brought back; a check of pictures is turned on and off", async ({ page }) => {
  await page.goto("/admin/moderation");
  await page.getByRole("button", { name: "Edit the rule “gr[ae]y”" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit the rule" });
  await dialog.getByLabel("Expression").fill("gr[ae]y cats?");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("gr[ae]y cats?", { exact: true })).toBeVisible();
  await expect(page.getByText("gr[ae]y", { exact: true })).toBeHidden();
  await page.getByRole("button", { name: "Remove the rule “gr[ae]y cats?”" }).click();
  await expect(page.getByText("The rule is removed")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("gr[ae]y cats?", { exact: true })).toBeVisible();
  for (const pattern of ["gr[ae]y cats?", "forbidden fruit"]) {
    await page.getByRole("button", { name: `Remove the rule “${pattern}”` }).click();
    await expect(page.getByRole("button", { name: `Remove the rule “${pattern}”` })).toBeHidden();
  }

  await page.getByLabel("Address of the service").fill("https://127.0.0.1/look");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("leads to an address that is not public")).toBeVisible();
  await page.getByRole("button", { name: "Show it" }).click();
  await expect(page.getByText(/^whsec_/)).toBeVisible();
  await lookAt(page, "moderation-check");
  await page.getByLabel("Address of the service").fill("https://1.1.1.1/look");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("On: every picture is sent to https://1.1.1.1/look first.")).toBeVisible();
  await page.getByRole("button", { name: "Turn it off" }).click();
  await expect(page.getByText("Off: nothing looks at the pictures.")).toBeVisible();
});

test("the audit log tells who changed what, by filters in the address, and can be taken along", async ({ page }) => {
  const errors = watchForErrors(page);
  await page.goto("/admin/audit");
  await expect(page.getByRole("listitem").filter({ hasText: "Check of pictures changed" }).first()).toBeVisible();
  await lookAt(page, "audit");
  await page.getByLabel("What", { exact: true }).selectOption({ label: "Prompt rule made" });
  await expect(page).toHaveURL(/\?action=moderation_rule.created$/);
  const rule = page.getByRole("listitem").filter({ hasText: "forbidden fruit" });
  await expect(rule).toBeVisible();
  await expect(rule.getByText("Ada Lovelace")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Check of pictures changed" })).toHaveCount(0);
  await rule.getByText("Details").click();
  await expect(rule.getByText(/^rule:/)).toBeVisible();
  await expectAccessible(page);

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as JSON lines" }).click();
  const file = await (await download).path();
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const actions = lines.map((line) => (JSON.parse(line) as { action: string }).action);
  expect(new Set(actions)).toEqual(new Set(["moderation_rule.created"]));

  await page.getByLabel("From", { exact: true }).fill("2001-01-01");
  await page.getByLabel("To", { exact: true }).fill("2001-01-02");
  await expect(page.getByText("Nothing of that kind is written down.")).toBeVisible();
  await page.getByRole("button", { name: "Show everything" }).click();
  await expect(page).toHaveURL(/\/admin\/audit$/);
  expect(errors).toEqual([]);
});

test("what waits, who works and what was given up are on one page", async ({ page }) => {
  await page.goto("/admin/work");
  await expect(page.getByText("Nothing waits or runs.")).toBeVisible();
  await expect(page.getByText("No job was given up.")).toBeVisible();
  await expect(page.getByText(/^(idle|busy)$/).first()).toBeVisible();
  await lookAt(page, "work");

  // A healthy studio gives up nothing, so the page is told of such jobs.
  const params = { model: "easel-small", width: 128, height: 128, steps: 20, guidance: 4, seed: 7, num_images: 1 };
  const job = {
    job_id: "01890000-0000-7000-8000-000000000001",
    status: "FAILED",
    prompt: "a lighthouse in a storm",
    error: { code: "worker_lost", detail: "The worker stopped in the middle." },
    attempt: 3,
    visibility: "private",
    images: [],
    created_at: "2026-11-24T03:00:00.000Z",
    finished_at: "2026-11-24T03:02:00.000Z",
    params,
  };
  await page.route("**/api/v1/admin/dead-letters?*", (route) => route.fulfill({ json: { items: [job], next_cursor: null } }));
  await page.route("**/api/v1/admin/queue", (route) =>
    route.fulfill({
      json: { items: [{ model: "easel-small", user_id: job.job_id, user_name: "Grace Hopper", waiting: 12, running: 1, cost: 40.5, oldest_seconds: 75 }] },
    }),
  );
  await page.reload();
  await expect(page.getByText("a lighthouse in a storm")).toBeVisible();
  await expect(page.getByText("12 waiting, 1 running")).toBeVisible();
  await lookAt(page, "work-full");
});
