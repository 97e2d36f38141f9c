import { describe, expect, test } from "vitest";
import { markdownText, terminalText } from "../../render/diff-text.ts";
import { diffFields, diffFiles } from "../../render/diff.ts";

const plain = (_: string, text: string) => text;

function object(name: string, rest: object = {}, kind = "Service"): string {
  return JSON.stringify({ apiVersion: "v1", kind, metadata: { name, namespace: "n" }, ...rest });
}

describe("fields", () => {
  test("a configuration in a string differs by its fields", () => {
    const config = (size: number) => ({ data: { "c.yaml": `a:\n  size: ${size}\nb: 1\n` } });
    expect(diffFields(config(1), config(2))).toEqual([
      { field: 'data."c.yaml".a.size', before: 1, after: 2 },
    ]);
  });

  test("an item that has a name is known by it, wherever it stands", () => {
    const item = (name: string, value = name) => ({ name, value });
    expect(
      diffFields({ env: [item("a"), item("c")] }, { env: [item("b"), item("a"), item("c", "d")] }),
    ).toEqual([
      { field: "env[c].value", before: "c", after: "d" },
      { field: "env[b]", after: item("b") },
    ]);
  });

  test("another order is a change", () => {
    const items = [{ name: "a" }, { name: "b" }];
    expect(diffFields({ env: items }, { env: items.toReversed() })).toEqual([
      { field: "env (order)", before: ["a", "b"], after: ["b", "a"] },
    ]);
    expect(diffFields([{ x: 1 }, { x: 2 }], [{ x: 2 }, { x: 1 }])).toHaveLength(1);
    expect(diffFields(["a", "b"], ["b", "a"])).toHaveLength(1);
  });

  test("an item without a name that is inserted is one change", () => {
    expect(diffFields({ rules: [{ a: 1 }, { b: 1 }] }, { rules: [{ c: 1 }, { a: 1 }, { b: 2 }] })).toEqual([
      { field: "rules[0].b", before: 1 },
      { field: "rules[0].c", after: 1 },
      { field: "rules[2]", after: { b: 2 } },
    ]);
  });

  test("a text of many lines that is no YAML map differs by its lines", () => {
    const script = (word: string) => ({ script: `set -e\necho: ${word}: x\nexit\n` });
    expect(diffFields(script("a"), script("b"))).toEqual([
      { field: "script (line 2)", before: "echo: a: x\n", after: "echo: b: x\n" },
    ]);
  });
});

describe("files", () => {
  test("objects are added, changed, removed or not named", () => {
    const before = new Map([
      ["n/a.yaml", object("a")],
      ["n/b.yaml", object("b", { x: 1 })],
      ["n/c.yaml", object("c")],
    ]);
    const after = new Map([
      ["n/b.yaml", object("b", { x: 2 })],
      ["n/c.yaml", object("c")],
      ["n/d.yaml", object("d")],
    ]);
    expect(diffFiles(before, after).map(({ object, change }) => [object, change])).toEqual([
      ["Service n/a", "removed"],
      ["Service n/b", "changed"],
      ["Service n/d", "added"],
    ]);
  });

  const config = (hash: string, level: string): [string, string] => [
    `n/configmap-conf-${hash}.yaml`,
    object(`conf-${hash}`, { data: { c: `log:\n  level: ${level}\n` } }, "ConfigMap"),
  ];

  test("a ConfigMap whose name follows its content is one changed object", () => {
    const changes = diffFiles(
      new Map([config("0123456789", "info")]),
      new Map([config("abcdef0123", "debug")]),
    );
    expect(changes).toEqual([
      {
        object: "ConfigMap n/conf-abcdef0123",
        change: "changed",
        fields: [
          { field: "data.c.log.level", before: "info", after: "debug" },
          { field: "metadata.name", before: "conf-0123456789", after: "conf-abcdef0123" },
        ],
      },
    ]);
  });

  test("which of two such ConfigMaps became which is not guessed", () => {
    const before = new Map([config("0123456789", "info")]);
    const after = new Map([config("abcdef0123", "debug"), config("abcdef4567", "warn")]);
    expect(diffFiles(before, after).map(({ change }) => change)).toEqual(["removed", "added", "added"]);
  });

  test("what is besides the objects differs by its lines, and comes last", () => {
    const before = new Map([["README.md", "a\nb\n"]]);
    const after = new Map([
      ["README.md", "a\nc\n"],
      ["n/d.yaml", object("d")],
    ]);
    expect(diffFiles(before, after).map(({ object }) => object)).toEqual(["Service n/d", "README.md"]);
  });
});

describe("text", () => {
  test("a configuration that is new is YAML, not one long string", () => {
    const fields = diffFields({}, { data: { c: '{"receivers": {"otlp": null}, "list": [1, 2]}' } });
    const lines = terminalText("dev", [{ object: "ConfigMap n/c", change: "changed", fields }], plain).split(
      "\n",
    );
    expect(lines).toEqual([
      "Stack dev: 0 added, 1 changed, 0 removed.",
      "",
      "ConfigMap n/c (changed)",
      "  data:",
      "+   c:",
      "+     receivers:",
      "+       otlp: null",
      "+     list:",
      "+       - 1",
      "+       - 2",
    ]);
  });

  test("Markdown stays within its limit, and says what it left out", () => {
    const fields = [{ field: "x", after: "`".repeat(500) }];
    const changes = Array.from({ length: 20 }, (_, index) => ({
      object: `n/${index}`,
      change: "added" as const,
      fields,
    }));
    const changed = { object: "n/changed", change: "changed" as const, fields };
    const text = markdownText(
      new Map([
        ["demo", [...changes, changed]],
        ["prod", []],
      ]),
      5_000,
    );
    expect(text.length).toBeLessThanOrEqual(5_000);
    expect(text).toContain("<code>n/changed</code>");
    expect(text).toMatch(/Sections that do not fit here: \d+\./);
    expect(text).toContain("Stack prod: nothing differs.");
  });

  test("content cannot end the fence it is in", () => {
    const changes = [
      { object: "n/a", change: "added" as const, fields: [{ field: "x", after: "```\n````" }] },
    ];
    expect(markdownText(new Map([["dev", changes]]))).toContain("`````diff\n");
  });
});
