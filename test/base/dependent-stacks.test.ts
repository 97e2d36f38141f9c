import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dependentStacks, refusal } from "../../components/base/dependent-stacks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stacks-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function stackFile(stack: string, text: string): void {
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), text);
}

test("the stacks that name a base in their files depend on it", () => {
  stackFile("dev", "config: {}");
  stackFile("prod", "");
  stackFile("demo", "config: { deepflow-otel:base: dev }");
  stackFile("demo-in-full", "config: { deepflow-otel:base: acme/deepflow-otel/dev }");
  stackFile("other", "config: { deepflow-otel:base: prod }");
  stackFile("broken", "config: [");
  writeFileSync(join(folder, "Pulumi.yaml"), "name: deepflow-otel");
  expect(dependentStacks(folder, "dev")).toEqual(["demo", "demo-in-full"]);
});

/** As `pulumi stack ls --json` prints it. */
function listed(stacks: Readonly<Record<string, number>>): string {
  return JSON.stringify(
    Object.entries(stacks).map(([name, resourceCount]) => ({ name, current: false, resourceCount })),
  );
}

test("a base stays while a stack that depends on it has resources", () => {
  expect(refusal("dev", ["demo"], listed({ dev: 11, demo: 90 }))).toBe(
    "The stack dev stays: demo sends spans to its Collectors, which would be lost. Run `pulumi destroy --stack demo` first.",
  );
  expect(refusal("dev", ["a", "b"], listed({ "acme/deepflow-otel/a": 3, b: 3 }))).toBe(
    "The stack dev stays: a and b send spans to its Collectors, which would be lost. Run `pulumi destroy --stack a` and `pulumi destroy --stack b` first.",
  );
});

test("a base goes when those that depend on it are destroyed, or were never deployed", () => {
  expect(refusal("dev", ["demo"], listed({ dev: 11, demo: 0, other: 7 }))).toBeUndefined();
  expect(refusal("dev", ["demo"], "[]")).toBeUndefined();
});
