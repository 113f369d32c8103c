// Generates the API client again into a temporary folder and compares: drift between ../openapi.json and src/types fails.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const fresh = await mkdtemp(join(tmpdir(), "easel-types-"));

async function contents(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const pairs = files.map(async (file) => {
    const path = join(file.parentPath, file.name);
    return [path.slice(folder.length + 1), await readFile(path, "utf8")];
  });
  return new Map(await Promise.all(pairs));
}

try {
  const run = spawnSync(join(root, "node_modules/.bin/openapi-ts"), [], {
    cwd: root,
    env: { ...process.env, EASEL_GENERATE_TO: fresh },
    encoding: "utf8",
  });
  if (run.status !== 0) {
    console.error(run.stdout, run.stderr);
    process.exit(1);
  }
  const [expected, committed] = await Promise.all([contents(fresh), contents(join(root, "src/types"))]);
  const names = new Set([...expected.keys(), ...committed.keys()]);
  const drifted = [...names].filter((name) => expected.get(name) !== committed.get(name)).sort();
  if (drifted.length > 0) {
    console.error("src/types is not what ../openapi.json says. Run `npm run generate` and commit:");
    for (const name of drifted) console.error(`  src/types/${name}`);
    process.exit(1);
  }
  console.log(`src/types matches openapi.json (${names.size} files).`);
} finally {
  await rm(fresh, { recursive: true, force: true });
}
