import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ensureActionlint, missingActionlint } from "../../local/cluster/toolchain/toolchain.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".github", "workflows");
const files = readdirSync(folder);
const missing = missingActionlint();
if (missing !== undefined) console.warn(`actionlint is not run. ${missing}`);

/** What actionlint says of a workflow. Only what is pinned judges: no shellcheck or pyflakes from PATH. */
async function lint(text: string): Promise<string> {
  const program = await ensureActionlint({ progress: false });
  const args = ["-no-color", "-shellcheck=", "-pyflakes=", "-"];
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, input: text, encoding: "utf8" });
  expect(stdout === "" ? 0 : 1, stderr).toBe(status);
  return stdout;
}

describe.skipIf(missing !== undefined)(
  `actionlint${missing === undefined ? "" : `, skipped: ${missing}`}`,
  () => {
    test.each(files)("finds nothing in %s", async (file) => {
      expect(await lint(readFileSync(join(folder, file), "utf8"))).toBe("");
    });

    test("finds an output that no step has", async () => {
      const text = readFileSync(join(folder, "drift.yml"), "utf8");
      const broken = text.replace("steps.drift.outputs", "steps.drifted.outputs");
      expect(await lint(broken)).toContain('property "drifted" is not defined');
    });
  },
);
