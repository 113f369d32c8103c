import { defineConfig } from "@hey-api/openapi-ts";

// The committed contract is the only source; EASEL_OPENAPI lets an uncommitted one be tried.
export default defineConfig({
  input: process.env.EASEL_OPENAPI ?? "../openapi.json",
  logs: { file: false },
  output: { path: process.env.EASEL_GENERATE_TO ?? "src/types", clean: true, entryFile: false },
  plugins: [
    { name: "@hey-api/client-fetch" },
    { name: "@hey-api/typescript" },
    // The session is a cookie, and whoever calls says through which client (lib/apiClient, lib/serverApi).
    { name: "@hey-api/sdk", operations: { strategy: "flat" }, auth: false, client: false },
  ],
});
