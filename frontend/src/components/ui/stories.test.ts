import { readdirSync } from "node:fs";
import { expect, it } from "vitest";

/** Parts of Menu, whose stories show them. */
const SHOWN_ELSEWHERE = new Set(["LateMenu", "MenuPopup"]);

it("shows every primitive in stories of its own", () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".tsx"));
  const names = files.filter((file) => !/\.(test|stories)\.tsx$/.test(file)).map((file) => file.replace(/\.tsx$/, ""));
  expect(names).toContain("Button");
  expect(names.filter((name) => !SHOWN_ELSEWHERE.has(name) && !files.includes(`${name}.stories.tsx`))).toEqual([]);
});
