import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { logTail } from "../../../../local/cluster/control-plane/log-tail.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "log-tail-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test("an error message gets the last lines of a log, or hears that there are none", () => {
  const log = join(temporaryFolder(), "etcd.log");
  expect(logTail(log)).toBe(`There is nothing in ${log}.`);
  const lines = Array.from({ length: 5000 }, (_, number) => `line ${number}`);
  writeFileSync(log, `${lines.join("\n")}\n`);
  expect(logTail(log)).toBe(`The end of ${log}:\n${lines.slice(-12).join("\n")}`);
});
