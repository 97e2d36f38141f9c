import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unitFile, unitName } from "../../components/host-collector/unit.ts";
import { isOnPath } from "../../local/cluster/toolchain/search-path.ts";

const args = { collector: process.execPath, configFile: "/etc/otel-agent/config.yaml", memoryLimitMib: 512 };

/**
 * What a service is exposed to, in tenths of a point: 15 of 100 by systemd 252, of which 5 are for the
 * network that it is there for. A line taken out of the unit must show.
 */
const exposure = 15;

const missing = isOnPath("systemd-analyze")
  ? undefined
  : "No `systemd-analyze` on PATH: install the package systemd.";
if (missing !== undefined) console.warn(`The unit's tests are skipped. ${missing}`);

test("memory: systemd's limit is the setting's, and Go's stays below it", () => {
  const unit = unitFile(args);
  expect(unit).toContain("\nMemoryMax=512M\n");
  expect(unit).toContain("\nEnvironment=GOMEMLIMIT=409MiB\n");
});

describe.skipIf(missing !== undefined)(`systemd-analyze${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "unit-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function analyze(unit: string, ...command: string[]) {
    const file = join(folder, unitName);
    writeFileSync(file, unit);
    const { status, stdout, stderr } = spawnSync("systemd-analyze", [...command, file], { encoding: "utf8" });
    return { status, stdout, stderr };
  }

  const verify = (unit: string) => analyze(unit, "verify", "--man=no");
  const security = (unit: string) => analyze(unit, "security", "--offline=true", `--threshold=${exposure}`);

  test("finds nothing wrong with the unit, and would find a misspelt key", () => {
    expect(verify(unitFile(args))).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(verify(unitFile(args).replace("LockPersonality", "LookPersonality")).stderr).toContain(
      "Unknown key 'LookPersonality'",
    );
  });

  test("finds it hardened, and would find a line missing", () => {
    const { status, stdout } = security(unitFile(args));
    expect(status, stdout).toBe(0);
    expect(
      security(unitFile(args).replace("NoNewPrivileges=yes\n", "").replace("DynamicUser=yes\n", "")).status,
    ).toBe(1);
  });
});
