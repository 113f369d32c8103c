import { createHmac } from "node:crypto";
import { statSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { expectAccessible, expectPicture, keepScreenshot, lookAt, OWNER, signIn, strangersPage, test, tokenFromMail, watchForErrors } from "../studio";

// Each test is a long way through many screens, and axe looks at each.
test.describe.configure({ timeout: 240_000 });

/** What an authenticator shows (RFC 6238); `later` steps from now, since each code is good once. */
function codeOf(secret: string, later = 0): string {
  const bits = Array.from(secret, (letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function look(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await keepScreenshot(page, name);
}

test("a second factor guards the account, and a recovery code opens it", async ({ page, context }) => {
  await context.clearCookies();
  await page.goto("/login?next=/settings");
  await signIn(page);
  await expect(page.getByRole("heading", { name: "Second factor" })).toBeVisible();
  await look(page, "settings");

  await page.getByRole("button", { name: "Turn it on" }).click();
  await page.locator("#proof-password").fill(OWNER.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await expectPicture(page.getByRole("img", { name: "QR code for your authenticator" }));
  await look(page, "second-factor-scan");
  const secret = ((await page.locator(".font-mono.select-all").first().textContent()) ?? "").replaceAll(" ", "");
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("The code is wrong, or was used already.")).toBeVisible();
  const used = codeOf(secret);
  await page.getByLabel("Code").fill(used);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { name: "Your recovery codes" })).toBeVisible();
  await look(page, "second-factor-codes");
  const codes = await page.locator("li").filter({ hasText: /^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/ }).allTextContents();
  expect(codes).toHaveLength(10);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("10 recovery codes are left.")).toBeVisible();

  await context.clearCookies({ name: /easel_(access|refresh|csrf)$/ });
  await page.goto("/login");
  await signIn(page);
  await expect(page.getByRole("heading", { name: "The second step" })).toBeVisible();
  await look(page, "second-step");
  await page.getByLabel("Code").fill(used);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "used already" })).toBeVisible();
  await page.getByLabel("Code").fill(codeOf(secret, 1));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();

  await page.goto("/settings");
  await page.getByRole("button", { name: "Turn it off" }).click();
  await page.locator("#proof-password").fill(OWNER.password);
  await page.locator("#proof-code").fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Turn it off" }).click();
  await expect(page.getByText("Off. Your password alone opens your account.")).toBeVisible();
});

test("what single sign-on refused is said on the sign-in page, and an unknown word is no message", async ({ page, context }) => {
  await context.clearCookies();
  await page.goto("/login?error=sso_denied");
  await expect(page.getByRole("alert").filter({ hasText: "did not let you in" })).toBeVisible();
  await look(page, "login-refused");
  await page.goto(`/login?error=${encodeURIComponent("<b>call 555</b>")}`);
  await expect(page.getByText("call 555")).toBeHidden();
  await expect(page.getByRole("alert").filter({ hasText: "Something went wrong" })).toBeVisible();
});

const LEAVER = { name: "Lin Clark", email: "lin@example.com", password: "code cartoons every day" };

test("one's data can be taken along, and an account that is going to be deleted can be kept", async ({ page, context, browser }) => {
  await context.clearCookies();
  await page.goto("/login?next=/admin");
  await signIn(page);
  await expect(page.getByRole("heading", { name: "Invitations" })).toBeVisible();
  await page.getByLabel("Email").fill(LEAVER.email);
  await page.getByRole("button", { name: "Invite" }).click();
  const link = await page.getByLabel(`Link for ${LEAVER.email}`).inputValue();

  const leaver = await strangersPage(browser);
  const errors = watchForErrors(leaver);
  await leaver.goto(new URL(link).pathname);
  await leaver.getByLabel("Name").fill(LEAVER.name);
  await leaver.getByLabel("Password").fill(LEAVER.password);
  await leaver.getByRole("button", { name: "Join", exact: true }).click();
  await expect(leaver).toHaveURL(/\/$/);

  await test.step("somebody on whom others depend is told so", async () => {
    await page.goto("/settings");
    await page.getByRole("button", { name: "Delete my account" }).click();
    await expect(page.getByText("Others belong to these, and nobody but you owns them.")).toBeVisible();
    await lookAt(page, "delete-account-in-the-way");
    await page.getByRole("button", { name: /^Go to / }).last().click();
    await expect(page).toHaveURL(/\/admin$/);
  });

  await test.step("all data in an archive", async () => {
    await leaver.goto("/settings");
    await leaver.getByRole("button", { name: "Pack my data" }).click();
    await expect(leaver.getByText(/^Ready: /)).toBeVisible({ timeout: 60_000 });
    await lookAt(leaver, "your-data");
    const download = leaver.waitForEvent("download");
    await leaver.getByRole("link", { name: "Download" }).click();
    const archive = await download;
    expect(archive.suggestedFilename()).toMatch(/^easel-.*-account\.zip$/);
    expect(statSync(await archive.path()).size).toBeGreaterThan(200);
    await leaver.getByRole("button", { name: "Throw away" }).click();
    await expect(leaver.getByText(/^Ready: /)).toBeHidden();
  });

  const ask = async () => {
    await leaver.goto("/settings");
    await leaver.getByRole("button", { name: "Delete my account" }).click();
    await expect(leaver.getByText("You are signed out everywhere at once")).toBeVisible();
    await leaver.locator("#proof-password").fill(LEAVER.password);
    await leaver.getByRole("button", { name: "Delete my account" }).click();
    await expect(leaver.getByText("You are signed out, and your account goes on")).toBeVisible();
  };

  await test.step("a wrong password deletes nothing, the right one asks for it", async () => {
    await leaver.getByRole("button", { name: "Delete my account" }).click();
    await leaver.locator("#proof-password").fill("not the password");
    await leaver.getByRole("button", { name: "Delete my account" }).click();
    await expect(leaver.getByText(/not your current password|password is wrong/i)).toBeVisible();
    await lookAt(leaver, "delete-account");
    await ask();
    await lookAt(leaver, "login-deletion-asked");
  });

  await test.step("the mail's link keeps it", async () => {
    await leaver.goto(`/restore-account#${await tokenFromMail("restore-account")}`);
    await lookAt(leaver, "restore-account");
    await leaver.getByRole("button", { name: "Keep my account" }).click();
    await expect(leaver.getByText("Your account stays. Sign in anew.")).toBeVisible();
    await expectAccessible(leaver);
    await leaver.getByRole("link", { name: "Sign in", exact: true }).click();
    await signIn(leaver, LEAVER.password, LEAVER.email);
    await expect(leaver.getByRole("textbox", { name: "Prompt" })).toBeVisible();
    await leaver.goto("/restore-account");
    await expect(leaver.getByText("This link is not whole.")).toBeVisible();
  });

  await test.step("so does signing in", async () => {
    await ask();
    await signIn(leaver, LEAVER.password, LEAVER.email);
    await expect(leaver.getByRole("heading", { name: "Your account is going to be deleted" })).toBeVisible();
    await lookAt(leaver, "login-closing");
    await leaver.getByRole("button", { name: "Keep my account" }).click();
    await expect(leaver.getByText("Your account stays. Sign in anew.")).toBeVisible();
    await signIn(leaver, LEAVER.password, LEAVER.email);
    await expect(leaver.getByRole("textbox", { name: "Prompt" })).toBeVisible();
  });
  expect(errors).toEqual([]);
  await leaver.context().close();
});
