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

describe("what cannot be edited without risk is refused, and says why", () => {
  test.each([
    ["a: 1\n---\nb: 2\n", "it holds several YAML documents"],
    ["- a\n", "it is not a map at the top"],
    ["just text\n", "it is not a map at the top"],
    ["a: [1\n", "it is not YAML"],
    ["a: 1\na: 2\n", "it is not YAML: Map keys must be unique"],
    ["inputs: 5\n", "inputs in it is not a map"],
    ["x: &x {}\ninputs: *x\n", "inputs in it is not a map"],
    ["inputs:\n  integration:\n    enabled: [1]\n", "inputs.integration.enabled in it is not a single value"],
    ["inputs:\n  integration:\n    enabled: &e false\n", "inputs.integration.enabled in it has an anchor"],
  ])("%j", (text, reason) => {
    expect(() => setAt(text, path, true)).toThrow(reason);
  });
});

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
      fc.constantFrom("", "# end\n", "\n"),
      fc.boolean(),
    )
    .map(([top, block, end, newline]) => {
      const text = top + (block?.("") ?? "") + end;
      return newline ? text : text.replace(/\n$/, "");
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
      }),
      { numRuns: 1000 },
    );
    expect(edited).toBeGreaterThan(300);
  }, 60_000);
});
