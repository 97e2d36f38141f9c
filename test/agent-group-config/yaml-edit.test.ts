import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  foundAt,
  restoreAt,
  setAt,
  UneditableError,
  valueAt,
} from "../../components/agent-group-config/yaml-edit.ts";

const path = ["inputs", "integration", "enabled"];

describe("setting a value changes nothing else, and restoring gives back every byte", () => {
  test.each([
    ["an empty text", "", "inputs:\n  integration:\n    enabled: true\n"],
    ["comments only", "# ours\n", "# ours\ninputs:\n  integration:\n    enabled: true\n"],
    ["no newline at the end", "# ours", "# ours\ninputs:\n  integration:\n    enabled: true"],
    ["other keys", "global:\n  a: 1\n", "inputs:\n  integration:\n    enabled: true\nglobal:\n  a: 1\n"],
    [
      "half the path",
      "inputs: # in\n  # about c\n  c: 1   # c\n  # end\n",
      "inputs: # in\n  # about c\n  integration:\n    enabled: true\n  c: 1   # c\n  # end\n",
    ],
    [
      "another value",
      "inputs:\n    integration:\n        enabled:   false  # why\n        listen_port: 1\n",
      "inputs:\n    integration:\n        enabled:   true  # why\n        listen_port: 1\n",
    ],
    [
      "another spelling",
      'inputs: {"integration": {enabled: no}}\n',
      'inputs: {"integration": {enabled: true}}\n',
    ],
    ["an empty flow map", "inputs: {}\n", "inputs: {integration: {enabled: true}}\n"],
    ["a flow map", "{a: 1}\n", "{inputs: {integration: {enabled: true}}, a: 1}\n"],
    [
      "a key without a value",
      "inputs:\n  integration:\n    enabled:\n",
      "inputs:\n  integration:\n    enabled: true\n",
    ],
    ["Windows' line ends", "a: 1\r\n", "inputs:\r\n  integration:\r\n    enabled: true\r\na: 1\r\n"],
    ["a document's start", "---\na: 1\n", "---\ninputs:\n  integration:\n    enabled: true\na: 1\n"],
  ])("%s", (_, before, after) => {
    expect(setAt(before, path, true)).toBe(after);
    expect(valueAt(after, path)).toBe(true);
    expect(restoreAt(after, path, foundAt(before, path))).toBe(before);
  });
});

test("a comment that somebody put on our line stays when the line goes", () => {
  const before = "a: 1\n";
  const commented = setAt(before, path, true).replace("enabled: true", "enabled: true # needed by Ann");
  const restored = restoreAt(commented, path, foundAt(before, path));
  expect(restored).toContain("# needed by Ann");
  expect(valueAt(restored, path)).toBeUndefined();
});

describe("what cannot be edited without risk is refused, and says why and what to do", () => {
  test.each([
    ["a: 1\n---\nb: 2\n", "it holds several YAML documents, of which", "take the others out"],
    ["a: 1\n...\n]]]\n", "it has a line `...`, behind which", "take out that line and what follows it"],
    ["# a\n...\n", "it has a line `...`, behind which", "take out that line and what follows it"],
    ["- a\n", "it is not a map at the top", "write keys there, or {}"],
    ["just text\n", "it is not a map at the top", "write keys there, or {}"],
    ["a: [1\n", "it is not YAML", "mend it"],
    ["a: 1\na: 2\n", "it is not YAML: Map keys must be unique", "mend it"],
    ["inputs: 5\n", "inputs in it is not a map", "write a map there"],
    ["x: &x {}\ninputs: *x\n", "inputs in it is the alias *x", "write its value out in place of *x"],
    [
      "x: &x true\ninputs: {integration: {enabled: *x}}\n",
      "inputs.integration.enabled in it is the alias *x",
      "write its value out in place of *x",
    ],
    [
      "inputs:\n  integration:\n    enabled: [1]\n",
      "inputs.integration.enabled in it is not a single value",
      "write a single value there",
    ],
    [
      "inputs:\n  integration:\n    enabled: &e false\n",
      "inputs.integration.enabled in it has the anchor &e",
      "write its value out in place of every *e, and take &e out",
    ],
    [
      'inputs:\n  integration:\n    enabled: !!bool "false"\n',
      "inputs.integration.enabled in it has the tag",
      "write the value without a tag and without quotes",
    ],
    [
      "inputs: &i {integration: {}}\na: *i\n",
      "it is written in a way that leaves no safe place for inputs.integration.enabled",
      "write one key in a line, and values in place of aliases,",
    ],
  ])("%j", (text, reason, fix) => {
    const edit = () => setAt(text, path, true);
    expect(edit).toThrow(UneditableError);
    expect(edit).toThrow(
      expect.objectContaining({ fix, message: expect.stringContaining(reason) as string }),
    );
  });
});

test.each([
  ["38_086", 38086],
  ["0b11", 3],
  ["-0b1_1", -3],
  ["010", 8],
  ["0x1f", 31],
  ["10", 10],
  ["1_0.5", "1_0.5"],
])("%s is the number that Go's YAML reads", (raw, value) => {
  expect(valueAt(`inputs: {integration: {enabled: ${raw}}}`, path)).toBe(value);
});

function withCrLf(text: string): string {
  return text.replace(/\r?\n/g, "\r\n");
}

describe("any document", () => {
  const keys = fc.constantFrom("inputs", "integration", "enabled", "listen_port", "a", "b c", "x");
  const comments = fc.constantFrom("", "", "", " # one", " # two: 2");
  const scalars = fc.constantFrom(
    "1",
    "true",
    "false",
    '"text"',
    "'a # b'",
    "plain text",
    "1.5",
    "~",
    "[1, 2]",
    "{k: 1}",
    "{}",
    "38_086",
    "&x 1",
    "!!str 1",
    "!t x",
  );

  /** A block map as people write it: any indentation, comments and blank lines between and behind. */
  const blocks: fc.Arbitrary<(indent: string) => string> = fc.letrec<{ block: (indent: string) => string }>(
    (tie) => ({
      block: fc
        .tuple(
          fc.uniqueArray(keys, { minLength: 1, maxLength: 4 }),
          fc.array(
            fc.tuple(
              scalars,
              comments,
              fc.option(tie("block"), { maxDepth: 3 }),
              fc.integer({ min: 1, max: 4 }),
            ),
            {
              minLength: 4,
              maxLength: 4,
            },
          ),
          fc.array(fc.constantFrom("", "\n", "# between\n", "  # deep\n"), { minLength: 4, maxLength: 4 }),
        )
        .map(
          ([names, values, between]) =>
            (indent: string) =>
              names
                .map((name, index) => {
                  const [scalar, comment, nested, step] = values[index] ?? ["1", "", null, 2];
                  const deeper = indent + " ".repeat(step);
                  const value = nested ? `${comment}\n${nested(deeper)}` : ` ${scalar}${comment}\n`;
                  return `${between[index] ?? ""}${indent}${name}:${value}`;
                })
                .join(""),
        ),
    }),
  ).block;
  const texts = fc
    .tuple(
      fc.constantFrom("", "# top\n", "---\n", "\n"),
      fc.option(blocks),
      fc.constantFrom("", "", "# end\n", "\n", "...\n"),
      fc.boolean(),
      fc.constantFrom("", "\uFEFF"),
      fc.boolean(),
    )
    .map(([top, block, end, newline, bom, windows]) => {
      const lines = top + (block?.("") ?? "") + end;
      const text = bom + (newline ? lines : lines.replace(/\n$/, ""));
      return windows ? withCrLf(text) : text;
    });

  test("is either refused, or set and restored to the byte, with its comments in between", () => {
    let edited = 0;
    fc.assert(
      fc.property(texts, fc.boolean(), (text, value) => {
        let set: string;
        let before: ReturnType<typeof foundAt>;
        try {
          before = foundAt(text, path);
          set = setAt(text, path, value);
        } catch (error) {
          expect(error).toBeInstanceOf(UneditableError);
          return;
        }
        edited += 1;
        expect(valueAt(set, path)).toBe(value);
        expect(restoreAt(set, path, before)).toBe(text);
        // As an editor on another system saves it.
        expect(restoreAt(withCrLf(set), path, before)).toBe(withCrLf(text));
        if (!text.startsWith("\uFEFF")) {
          expect(restoreAt(`\uFEFF${set}`, path, before)).toBe(`\uFEFF${text}`);
        }
      }),
      { numRuns: 1000 },
    );
    expect(edited).toBeGreaterThan(300);
  }, 60_000);
});
