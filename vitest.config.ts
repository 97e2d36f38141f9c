import { defineConfig } from "vitest/config";

const json = process.env["VITEST_JSON"];
const slow = ["test/cluster/**/*.test.ts", "test/e2e/**/*.test.ts", "test/engine/**/*.test.ts"];

export default defineConfig({
  test: {
    // A cluster waits as often as it works: two side by side take two cores little longer than one.
    maxWorkers: 2,
    reporters: ["default", ...(json ? (["json"] as const) : [])],
    ...(json ? { outputFile: { json } } : {}),
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: slow,
          // Some start processes, which on a busy machine takes a while.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "cluster",
          include: slow,
          globalSetup: "test/cluster/toolchain-setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
