import { expect, type Page } from "@playwright/test";
import { sendPrompt, test, watchForErrors } from "../studio";

const SCRIPT = '<img src=x onerror=alert(1)><script>alert(2)</script>"><svg/onload=alert(3)>';

/** A page of somebody else. No such server is asked: the browser gets the page from here. */
async function openForeignPage(page: Page, html: string): Promise<void> {
  await page.route("http://evil.example/**", (route) => route.fulfill({ contentType: "text/html", body: html }));
  await page.goto("http://evil.example/");
}

test("every answer carries the security headers, whoever gives it", async ({ page, baseURL }) => {
  await page.goto("/");
  const chunk = await page.locator("script[src]").first().getAttribute("src");
  const paths = [
    ...["/", "/generate", "/gallery", "/settings", "/login", "/no/such/page", "/icon.svg", "/manifest.webmanifest", chunk ?? ""],
    ...["/api/docs", "/api/docs/assets/swagger-ui.css", "/api/openapi.json", "/api/v1/users/me", "/api/v1/nothing", "/healthz"],
  ];
  for (const path of paths) {
    const answer = await page.request.get(path, { maxRedirects: 0 });
    const headers = answer.headers();
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["x-frame-options"], path).toBe("DENY");
    expect(headers["referrer-policy"], path).toBeTruthy();
    expect(headers["permissions-policy"], path).toContain("camera=()");
    expect(headers["cross-origin-opener-policy"], path).toBe("same-origin");
    const policy = headers["content-security-policy"] ?? "";
    expect(policy, path).toContain("frame-ancestors 'none'");
    const scripts = policy.split(";").find((part) => part.trim().startsWith("script-src")) ?? "";
    expect(scripts, path).not.toContain("unsafe");
    expect(headers["x-powered-by"], path).toBeUndefined();
  }
  const stranger = await page.request.get(`${baseURL}/`, { headers: { Host: "rebound.example" }, maxRedirects: 0 });
  expect(stranger.status()).toBe(421);
});

test("a prompt that is a script stays text", async ({ page }) => {
  const errors = watchForErrors(page);
  page.on("dialog", (dialog) => {
    errors.push(`a script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto("/");
  await expect(page.locator('[data-stream="open"]')).toBeAttached();
  const card = await sendPrompt(page, SCRIPT);
  await expect(card.getByText(SCRIPT).first()).toBeVisible();
  await expect(card.locator("[data-status=COMPLETED]")).toBeVisible({ timeout: 60_000 });
  await page.goto(`/gallery?q=${encodeURIComponent(SCRIPT)}`);
  await page.goto(`/generate?prompt=${encodeURIComponent(SCRIPT)}`);
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue(SCRIPT);
  expect(errors).toEqual([]);
});

test("another site's page can't act here, nor show the studio in a frame", async ({ page, baseURL }) => {
  const asked: string[] = [];
  page.on("response", (answer) => {
    if (answer.url().startsWith(`${baseURL}/api/`)) asked.push(`${answer.request().method()} ${answer.status()}`);
  });
  await openForeignPage(
    page,
    `<iframe src="${baseURL}/gallery"></iframe>
     <form method="post" action="${baseURL}/api/v1/auth/logout" enctype="text/plain"><input name="x" value="y"></form>`,
  );
  const frame = page.frames().find((each) => each !== page.mainFrame());
  await expect.poll(() => frame?.url()).not.toContain("/gallery");
  const read = await page.evaluate(async (url) => {
    try {
      await fetch(`${url}/api/v1/users/me`, { credentials: "include" });
      return "answered";
    } catch {
      return "refused";
    }
  }, baseURL);
  expect(read).toBe("refused");
  await page.evaluate(() => document.forms[0]?.submit());
  await page.waitForTimeout(500);
  expect(asked.filter((line) => line.startsWith("POST") && !/ 40[13]$/.test(line))).toEqual([]);
  await page.goto(`${baseURL}/`);
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
});
