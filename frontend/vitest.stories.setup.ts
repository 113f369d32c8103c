import type { composeStory } from "storybook/preview-api";
import { afterEach, expect } from "vitest";
import { page } from "vitest/browser";

declare module "vitest" {
  interface TestContext {
    story?: ReturnType<typeof composeStory>;
  }
}

const SIZE = { width: 400, height: 440 };

/** A story with the tag `snapshot` looks as it did when it was last looked at. */
afterEach(async ({ story, task }) => {
  if (!story?.tags.includes("snapshot") || task.result?.state === "fail") return;
  // Narrow enough that nothing is scaled down to fit, and that the files stay small.
  await page.viewport(SIZE.width, SIZE.height);
  await document.fonts.ready;
  // Beside it are Storybook's own parts, which have classes.
  const root = document.querySelector("body > div:not([class])");
  // No ground around it: a share of the pixels may differ, and what is small should count.
  const drawn = root?.childElementCount === 1 ? root.firstElementChild : root;
  if (!drawn) throw new Error(`${story.id} drew nothing`);
  await expect.element(page.elementLocator(drawn)).toMatchScreenshot(story.id);
});
