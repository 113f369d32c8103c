import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://localhost:3000" } },
    include: ["src/**/*.test.{ts,tsx}", "eslint/**/*.test.ts"],
    setupFiles: ["./vitest.setup.ts"],
    // For hanging, not for slowness: a busy machine is no reason to fail.
    testTimeout: 60_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
