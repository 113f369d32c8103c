// Dead code: every exported name must be named somewhere else. Words are counted, not resolved, so a name that two files
// happen to share hides; what is reported is dead for certain.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const PLACES = ["src", "e2e", "eslint", "scripts"];
/** Generated, or called by Next or Storybook. */
const EXEMPT = /^src\/(types\/|app\/|proxy\.ts$)|\.stories\.tsx$/;

async function sources(place) {
  const entries = await readdir(join(root, place), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && /\.(tsx?|mjs)$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
}

const files = (await Promise.all(PLACES.map(sources))).flat();
const texts = await Promise.all(files.map(async (file) => [relative(root, file), await readFile(file, "utf8")]));
const seen = new Map();
for (const [, text] of texts) {
  for (const word of text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []) seen.set(word, (seen.get(word) ?? 0) + 1);
}
const dead = [];
for (const [file, text] of texts) {
  if (EXEMPT.test(file)) continue;
  const declared = text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) ([\p{L}_$][\p{L}\p{N}_$]*)/gmu);
  for (const [, name] of declared) if (seen.get(name) === 1) dead.push(`${file}: ${name}`);
}
if (dead.length > 0) {
  console.error(`Exported, and used nowhere:\n  ${dead.join("\n  ")}\nRemove it, or use it.`);
  process.exitCode = 1;
} else {
  console.log(`No dead exports in ${files.length} files.`);
}
