import { expect, test } from "vitest";
import { spanGuards } from "../../components/otel-agent/span-guards.ts";

const checked = (group: { readonly statements: readonly string[] }) =>
  group.statements.some((statement) => statement.includes("x{FFFD}"));

test("strings are looked at where the SDK may send others than UTF-8", () => {
  const groups = spanGuards({});
  expect(groups.filter(checked).map(({ context, conditions }) => [context, conditions])).toEqual([
    ["resource", ['attributes["deepflow_otel.lax"] != nil']],
    ["scope", ['resource.attributes["deepflow_otel.lax"] != nil']],
    ["span", ['resource.attributes["deepflow_otel.lax"] != nil']],
    ["spanevent", ['resource.attributes["deepflow_otel.lax"] != nil']],
  ]);
  expect(groups.at(-1)?.statements).toEqual(['delete_key(attributes, "deepflow_otel.lax")']);
});

test.each([{ transform: null }, { "transform/cut": {} }])(
  "strings of all spans are looked at where a stack's own %o may cut a character in two",
  (processors) => {
    const groups = spanGuards(processors);
    expect(groups.filter(checked).map(({ conditions }) => conditions)).toEqual(Array(4).fill(undefined));
    expect(JSON.stringify(groups)).not.toContain("deepflow_otel.lax");
  },
);

test("a processor that only begins with the word is another one", () => {
  expect(spanGuards({ transformer: null })).toEqual(spanGuards({}));
});

test("a kind outside 0 to 5 is mended on every span", () => {
  for (const processors of [{}, { transform: null }]) {
    const [kind] = spanGuards(processors);
    expect(kind).toEqual({ context: "span", statements: ["set(kind, 0) where kind < 0 or kind > 5"] });
  }
});
