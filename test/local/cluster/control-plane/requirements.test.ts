import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { missingRequirement, namespaceArgs } from "../../../../local/cluster/control-plane/requirements.ts";
import { missingGo } from "../../../../local/cluster/toolchain/missing-go.ts";

let bin: string;

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "requirements-"));
  vi.stubEnv("PATH", bin);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(bin, { recursive: true });
});

/** A program on PATH that runs these shell commands. */
function fake(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

test("another system than Linux is named, with where to run instead", () => {
  const platform = process.platform;
  Object.defineProperty(process, "platform", { value: "darwin" });
  try {
    expect(missingRequirement()).toMatch(
      /needs Linux, and this is darwin: run it in a Linux virtual machine/,
    );
  } finally {
    Object.defineProperty(process, "platform", { value: platform });
  }
});

test.runIf(process.platform === "linux")("a missing unshare is named, with its package", () => {
  expect(missingRequirement()).toBe(
    "No `unshare` on PATH, which the embedded cluster needs: install the package util-linux.",
  );
});

test.runIf(process.platform === "linux")("a refused namespace is told in the system's own words", () => {
  fake("unshare", "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1");
  fake("ip", "exit 0");
  fake("go", "echo go1.99.0; echo auto");
  expect(missingRequirement()).toContain('said "unshare: unshare failed: Operation not permitted"');
});

test("a missing Go is named, with the version to install", () => {
  expect(missingGo()).toMatch(/^No `go` on PATH, .*: install Go 1\.\d+ or newer/);
});

test("a Go that is too old is named beside the version that is needed", () => {
  fake("go", "echo go1.20.14; echo");
  expect(missingGo()).toMatch(/^The `go` on PATH is go1\.20\.14 and .*go\.mod needs 1\.\d+: install Go/);
  fake("go", "echo go1.22.1; echo local");
  expect(missingGo()).toMatch(/^The `go` on PATH is go1\.22\.1 and/);
});

test("an older Go that fetches newer ones by itself will do, and so will a newer one", () => {
  fake("go", "echo go1.22.1; echo auto");
  expect(missingGo()).toBeUndefined();
  fake("go", "echo go1.99.0; echo local");
  expect(missingGo()).toBeUndefined();
});

test("only root does without a user namespace", () => {
  const getuid = vi.spyOn(process, "getuid");
  getuid.mockReturnValue(0);
  expect(namespaceArgs()).not.toContain("--user");
  getuid.mockReturnValue(1000);
  expect(namespaceArgs()).toContain("--user");
  getuid.mockRestore();
});
