// `next build` leaves static files beside the standalone server; this makes .next/standalone complete, so that
// `node .next/standalone/server.js` serves everything and the folder can be copied anywhere.
import { cp, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const standalone = join(root, ".next/standalone");
const exists = (path) => stat(path).then(() => true, () => false);

if (!(await exists(join(standalone, "server.js")))) {
  console.error(`No server.js in ${standalone}: is output "standalone" still set in next.config.ts?`);
  process.exit(1);
}
for (const [from, to] of [
  [".next/static", ".next/static"],
  ["public", "public"],
]) {
  const source = join(root, from);
  const target = join(standalone, to);
  if (!(await exists(source))) continue;
  await rm(target, { recursive: true, force: true });
  await cp(source, target, { recursive: true });
}
