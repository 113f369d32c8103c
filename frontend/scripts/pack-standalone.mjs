// `next build` leaves static files beside the standalone server; this makes .next/standalone complete, so that
// `node .next/standalone/server.js` serves everything and the folder can be copied anywhere. Beside each file that a browser
// gets compressed stand its `.br` and `.gz`, for a proxy to send: what is compressed once can be compressed as far as it goes.
import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const COMPRESSIBLE = /\.(js|css|svg|json|txt)$/;
/** Below that a file fits into one packet anyway. */
const LEAST_BYTES = 1_024;

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

async function compress(path) {
  const plain = await readFile(path);
  if (plain.length < LEAST_BYTES) return;
  const [smallest, small] = await Promise.all([promisify(brotliCompress)(plain), promisify(gzip)(plain, { level: 9 })]);
  await Promise.all([writeFile(`${path}.br`, smallest), writeFile(`${path}.gz`, small)]);
}

const entries = await readdir(join(standalone, ".next/static"), { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name));
await Promise.all(files.map((file) => compress(join(file.parentPath, file.name))));
