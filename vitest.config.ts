import { defineConfig } from "vitest/config";

const json = process.env["VITEST_JSON"];
const slow = ["test/cluster/**/*.test.ts", "test/e2e/**/*.test.ts", "test/engine/**/*.test.ts"];
/** Not part of `npm test`: they need root, and packages of the distribution. */
const realNodes = ["test/nodes/**/*.test.ts"];

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
          exclude: [...slow, ...realNodes],
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
      {
        test: {
          name: "nodes",
          include: realNodes,
          globalSetup: "test/nodes/toolchain-setup.ts",
          // One cluster at a time: what is measured is how fast a kubelet and a kube-proxy follow.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
