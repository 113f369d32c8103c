import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCE = resolve(import.meta.dirname, "..");

function fileOf(specifier: string, from: string): string | undefined {
  const base = specifier.startsWith("@/") ? join(SOURCE, specifier.slice(2)) : join(dirname(from), specifier);
  return [`${base}.tsx`, `${base}.ts`].find((path) => existsSync(path));
}

/** Every file that a page's script may come to need, by import or by import(). */
function reachable(from: string, seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const [, specifier = ""] of readFileSync(from, "utf8").matchAll(/(?:from|import\(|import) ?"((?:@\/|\.)[^"]+)"/g)) {
    const file = fileOf(specifier, from);
    if (file) reachable(file, seen);
  }
  return seen;
}

function layoutsAbove(file: string): string[] {
  const folders = [];
  for (let folder = dirname(file); folder.startsWith(join(SOURCE, "app")); folder = dirname(folder)) folders.push(folder);
  return folders.map((folder) => join(folder, "layout.tsx")).filter((path) => existsSync(path));
}

const find = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = ""]) => found);

/** `<MessagesFor features={[…]}>`, or a constant FEATURES beside it. */
function given(files: string[]): Set<string> {
  const lists = files.flatMap((file) => find(readFileSync(file, "utf8"), /(?:features=\{|FEATURES = )\[([^\]]*)\]/g));
  return new Set(lists.flatMap((list) => find(list, /"(\w+)"/g)));
}

const roots = readdirSync(join(SOURCE, "app"), { recursive: true, encoding: "utf8" })
  .filter((path) => /(^|\/)(page|layout|loading|error|template|default|not-found)\.tsx$/.test(path))
  .map((path) => join(SOURCE, "app", path));

describe("every page is given the messages that its components use", () => {
  it.each(roots.map((root) => [root.slice(SOURCE.length + 1), root]))("%s", (_, root) => {
    const used = [...reachable(root)].flatMap((file) => find(readFileSync(file, "utf8"), /useText\("(\w+)"\)/g));
    // An error boundary stands above the layout of its own folder's pages, and below the layouts above.
    const messages = given([root, ...layoutsAbove(root)]);
    expect([...new Set(used)].filter((feature) => !messages.has(feature))).toEqual([]);
  });

  it("looks at pages at all", () => expect(roots.length).toBeGreaterThan(10));
});
