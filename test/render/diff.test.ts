import { expect, test } from "vitest";
import { diffFields, diffFiles } from "../../render/diff.ts";
import { markdownText } from "../../render/diff-text.ts";

test("a configuration in a string differs by its fields", () => {
  const config = (size: number) => ({ data: { "c.yaml": `a:\n  size: ${size}\nb: 1\n` } });
  expect(diffFields(config(1), config(2))).toEqual([
    { field: 'data."c.yaml".a.size', before: "1", after: "2" },
  ]);
});

test("an item that has a name is known by it, wherever it stands", () => {
  const item = (name: string) => ({ name, value: name });
  expect(diffFields({ env: [item("a")] }, { env: [item("b"), item("a")] })).toEqual([
    { field: "env[b].name", after: '"b"' },
    { field: "env[b].value", after: '"b"' },
  ]);
});

test("objects are added, changed, removed or not named", () => {
  const before = new Map([
    ["n/a.yaml", "x: 1\n"],
    ["n/b.yaml", "x: 1\n"],
    ["n/c.yaml", "x: 1\n"],
  ]);
  const after = new Map([
    ["n/b.yaml", "x: 2\n"],
    ["n/c.yaml", "x: 1\n"],
    ["n/d.yaml", "x: 1\n"],
  ]);
  expect(diffFiles(before, after).map(({ object, change }) => [object, change])).toEqual([
    ["n/a", "removed"],
    ["n/b", "changed"],
    ["n/d", "added"],
  ]);
});

test("Markdown stays within its limit, and says what it left out", () => {
  const fields = [{ field: "x", after: "`".repeat(500) }];
  const changes = Array.from({ length: 20 }, (_, index) => ({
    object: `n/${index}`,
    change: "added" as const,
    fields,
  }));
  const text = markdownText(new Map([["dev", changes]]), 5_000);
  expect(text.length).toBeLessThanOrEqual(5_000);
  expect(text).toMatch(/\d+ more sections do not fit here/);
});
