import { expect } from "@playwright/test";
import { expectAccessible, keepScreenshot, OWNER, signIn, test } from "../studio";

test("a deep link leads back after signing in, and a wrong password says so", async ({ page, context }) => {
  await context.clearCookies();
  await page.goto("/gallery?favorite=true");
  await expect(page).toHaveURL(/\/login\?next=/);
  await expectAccessible(page);
  await keepScreenshot(page, "login");

  await signIn(page, "not the password");
  await expect(page.getByRole("alert").filter({ hasText: "trace" })).toBeVisible();
  await expect(page.getByLabel("Password")).toBeFocused();
  await expectAccessible(page);
  await keepScreenshot(page, "login-error");

  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/gallery\?favorite=true$/);
  await expect(page.getByRole("button", { name: "Open “a red rocket”" })).toBeVisible();
});

test("a foreign address is not where signing in leads", async ({ page, context }) => {
  await context.clearCookies();
  for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await signIn(page);
    await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe("/");
    await context.clearCookies();
  }
});

test("an access token that ran out is renewed without a word", async ({ page, context }) => {
  await context.clearCookies();
  await page.goto("/login");
  await signIn(page);
  await expect(page.getByRole("article").first()).toBeVisible();
  await context.clearCookies({ name: /easel_access$/ });
  await page.goto("/gallery");
  await expect(page.getByRole("button", { name: "Open “a red rocket”" })).toBeVisible();
  expect((await context.cookies()).some(({ name }) => name.endsWith("easel_access"))).toBe(true);
});

test("signing out ends the session, here and in the other tab", async ({ page, context }) => {
  await context.clearCookies();
  await page.goto("/login");
  await signIn(page);
  await expect(page.getByRole("article").first()).toBeVisible();
  const other = await context.newPage();
  await other.goto("/settings");
  await expect(other.getByText(OWNER.email)).toBeVisible();
  await expectAccessible(other);

  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login$/);
  await expect(other).toHaveURL(/\/login/);
  await page.goto("/settings");
  await expect(page).toHaveURL(/\/login\?next=%2Fsettings$/);
});

test("pages refuse to be framed, and scripts run by nonce only", async ({ request }) => {
  const response = await request.get("/login", { headers: { cookie: "" } });
  const headers = response.headers();
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers["content-security-policy"]).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'(;|$)/);
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["referrer-policy"]).toBe("strict-origin-when-cross-origin");
  expect(headers["permissions-policy"]).toContain("camera=()");
});
