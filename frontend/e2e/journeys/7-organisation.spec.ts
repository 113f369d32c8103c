import { expect, type Page } from "@playwright/test";
import { expectAccessible, lookAt, OWNER, signIn, strangersPage, test, watchForErrors } from "../studio";

const GUEST = { name: "Grace Hopper", email: "grace@example.com", password: "nanoseconds on a wire" };
let link = "";

test("an owner invites somebody and gets a link to hand on", async ({ page }) => {
  const errors = watchForErrors(page);
  await page.goto("/");
  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Organisation" }).click();
  await expect(page).toHaveURL(/\/admin$/);
  await page.getByLabel("Email").fill(GUEST.email);
  await page.getByLabel("Role", { exact: true }).selectOption("viewer");
  await page.getByRole("button", { name: "Invite" }).click();
  link = await page.getByLabel(`Link for ${GUEST.email}`).inputValue();
  expect(link).toMatch(/\/invite\/[\w-]{43}$/);
  await expect(page.getByText("viewer, good until")).toBeVisible();
  await page.getByRole("button", { name: `Send the invitation of ${GUEST.email} again` }).click();
  await expect(page.getByText("The invitation is sent again, with a new link")).toBeVisible();
  await expect(page.getByLabel(`Link for ${GUEST.email}`)).not.toHaveValue(link);
  link = await page.getByLabel(`Link for ${GUEST.email}`).inputValue();
  await lookAt(page, "admin");
  expect(errors).toEqual([]);
});

test("the invited person makes an account and is in the organisation", async ({ browser }) => {
  const page = await strangersPage(browser);
  const errors = watchForErrors(page);
  await page.goto(new URL(link).pathname);
  await expect(page.getByRole("heading", { name: /^Join / })).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue(GUEST.email);
  await lookAt(page, "invite");
  await page.getByLabel("Name").fill(GUEST.name);
  await page.getByLabel("Password").fill(GUEST.password);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto("/admin");
  await expect(page.getByRole("heading", { name: "For owners and admins" })).toBeVisible();
  await expectAccessible(page);

  await page.goto("/settings");
  await expect(page.getByText(GUEST.email)).toBeVisible();
  await expect(page.getByText("You have not finished a job this month.")).toBeVisible();
  await lookAt(page, "settings-viewer");
  expect(errors).toEqual([]);
  await page.context().close();
});

test("an invitation that was used says so", async ({ browser }) => {
  const page = await strangersPage(browser);
  await page.goto(new URL(link).pathname);
  await expect(page.getByRole("heading", { name: "This invitation is not good any more" })).toBeVisible();
  await expectAccessible(page);
  await page.context().close();
});

test("roles, limits and usage are managed on one page", async ({ page }) => {
  await page.goto("/admin");
  await page.getByLabel(`Role of ${GUEST.name}`).selectOption("member");
  await expect(page.getByText(`${GUEST.name} is now member`)).toBeVisible();
  await page.getByRole("button", { name: `More for ${GUEST.name}` }).click();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Sign out everywhere" }).click();
  await expect(page.getByText(`${GUEST.name} is signed out everywhere`)).toBeVisible();
  await page.getByLabel("Jobs open at once", { exact: true }).fill("40");
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByText("Saved")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Jobs open at once", { exact: true })).toHaveValue("40");
  await expect(page.getByRole("row", { name: /Ada Lovelace/ })).toBeVisible();
  await page.goto("/settings");
  await expect(page.getByRole("list", { name: "Usage by day" })).toBeVisible();
  await lookAt(page, "settings-owner");
});

test("the organisation is packed as a whole, and fetched", async ({ page }) => {
  await page.goto("/admin");
  await page.getByRole("button", { name: "Pack the organisation" }).click();
  await expect(page.getByText(/^Ready: /)).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page);
  await lookAt(page, "organisation-archive");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toMatch(/^easel-.*-organization\.zip$/);
  await page.getByRole("button", { name: "Throw away" }).click();
  await expect(page.getByText(/^Ready: /)).toBeHidden();
});

test("the organisation is handed on, and comes back", async ({ page, browser }) => {
  const handOnTo = async (owner: Page, heir: string, password: string) => {
    await owner.goto("/admin");
    await owner.getByLabel("New owner").selectOption(heir);
    await owner.getByRole("button", { name: "Hand on" }).click();
    await expect(owner.getByRole("dialog", { name: /^Hand .* on to / })).toBeVisible();
    await expectAccessible(owner);
    await owner.getByLabel("Current password").fill("not the right one");
    await owner.getByRole("dialog").getByRole("button", { name: "Hand on" }).click();
    await expect(owner.getByText("This is not your current password.")).toBeVisible();
    await owner.getByLabel("Current password").fill(password);
    await owner.getByRole("dialog").getByRole("button", { name: "Hand on" }).click();
    await expect(owner.getByText(`${heir} owns this organisation now`)).toBeVisible();
    await expect(owner.getByRole("heading", { name: "Hand on" })).toBeHidden();
  };
  await handOnTo(page, GUEST.name, OWNER.password);
  const guest = await strangersPage(browser);
  await guest.goto("/login?next=/admin");
  await signIn(guest, GUEST.password, GUEST.email);
  await expect(guest.getByRole("heading", { name: "Members" })).toBeVisible();
  await handOnTo(guest, OWNER.name, GUEST.password);
  await guest.context().close();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Hand on" })).toBeVisible();
});

test("a removed member is out, and the last owner can't leave", async ({ page }) => {
  await page.goto("/admin");
  await page.getByRole("button", { name: `Remove ${GUEST.name}` }).click();
  await expectAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText(`${GUEST.name} was removed`)).toBeVisible();
  await page.goto("/settings");
  await page.getByRole("button", { name: /^Leave / }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
  await expect(page.getByText("You are still a member")).toBeVisible();
});

test("the second organisation is one choice away", async ({ page, context }) => {
  const switchTo = async (name: string) => {
    const loadedAnew = page.waitForEvent("load");
    await page.getByRole("menuitemradio", { name }).click();
    await loadedAnew;
  };
  // A session of its own: a switch uses up the tokens that the other files go on with.
  await context.clearCookies();
  await page.goto("/login");
  await signIn(page);
  await expect(page.getByRole("textbox", { name: "Prompt" })).toBeVisible();
  await page.goto("/settings");
  await page.getByRole("button", { name: "Found an organisation" }).click();
  await page.getByLabel("Name of the new organisation").fill("Second");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Found it" }).click();
  await expect(page.getByText("Second is founded")).toBeVisible();
  await expect(page.getByRole("button", { name: "Go to Second" })).toBeVisible();
  await page.getByRole("button", { name: "Account menu" }).click();
  const home = await page.getByRole("menuitemradio", { checked: true }).first().innerText();
  await switchTo("Second");
  await page.goto("/admin");
  await expect(page.getByRole("heading", { level: 1, name: "Second" })).toBeVisible();

  // Deleted by its name and the owner's password; until it is due it can be kept.
  await page.getByRole("button", { name: "Delete Second" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete Second?" });
  await dialog.getByLabel("Type “Second” to delete it").fill("second");
  await expect(dialog.getByRole("button", { name: "Delete" })).toBeDisabled();
  await expectAccessible(page);
  await dialog.getByLabel("Type “Second” to delete it").fill("Second");
  await dialog.getByLabel("Current password").fill(OWNER.password);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("This organisation is deleted on")).toBeVisible();
  await lookAt(page, "organisation-closing");
  await page.getByRole("button", { name: "Keep the organisation" }).click();
  await expect(page.getByText("Second stays")).toBeVisible();
  await expect(page.getByText("This organisation is deleted on")).toBeHidden();

  await page.getByRole("button", { name: "Account menu" }).click();
  await switchTo(home.trim());
  await page.goto("/admin");
  await expect(page.getByRole("heading", { level: 1, name: home.trim() })).toBeVisible();
});
