import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { strictLanguages } from "../../components/otel-agent/span-guards.ts";
import type { Attribute, OddResourceSpans, OddSpan, Text, Value } from "./otlp-bytes.ts";

const anyText: fc.Arbitrary<Text> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom("", "[", "{{{", "=&", "\uFFFD", "\\ufffd", '"', "$0", "$") },
);

/** A string as a strict SDK sends it. */
const validText: fc.Arbitrary<Text> = fc.string({ unit: "binary", maxLength: 12 });

/** A list in a list in a list, or maps, or both in turns. */
function nested(depth: number, text: Text, shape: "list" | "map" | "both"): Value {
  let value: Value = { text };
  for (let level = 0; level < depth; level += 1) {
    const list = shape === "list" || (shape === "both" && level % 2 === 0);
    value = list ? { list: [{ int: 1n }, value] } : { map: [["k", value]] };
  }
  return value;
}

function value(text: fc.Arbitrary<Text>, deepest: number): fc.Arbitrary<Value> {
  const { any } = fc.letrec<{ any: Value }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: false },
      { weight: 6, arbitrary: text.map((text) => ({ text })) },
      { weight: 1, arbitrary: fc.boolean().map((bool) => ({ bool })) },
      { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => ({ int })) },
      { weight: 1, arbitrary: fc.double().map((double) => ({ double })) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((bytes) => ({ bytes })) },
      { weight: 1, arbitrary: fc.constant({ unset: true } as const) },
      { weight: 1, arbitrary: fc.array(tie("any"), { maxLength: 3 }).map((list) => ({ list })) },
      {
        weight: 1,
        arbitrary: fc.array(fc.tuple(text, tie("any")), { maxLength: 3 }).map((map) => ({ map })),
      },
    ),
  }));
  const shape = fc.constantFrom("list", "map", "both");
  return fc.oneof(
    { weight: 40, arbitrary: any },
    // What the Collector cannot write as JSON.
    { weight: 1, arbitrary: text.map((text) => ({ list: [{ double: NaN }, { text }] })) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(deepest), text, shape).map((how) => nested(...how)) },
  );
}

function attributes(text: fc.Arbitrary<Text>, deepest: number): fc.Arbitrary<Attribute[]> {
  const some = fc.array(fc.tuple(text, value(text, deepest)), { maxLength: 4 });
  const thousands = fc
    .tuple(fc.integer({ min: 1000, max: 3000 }), text)
    .map(([count, text]) =>
      Array.from({ length: count }, (_, index): Attribute => [`key.${index}`, { text }]),
    );
  const huge = text.map((text): Attribute[] => [
    ["huge", { text: Buffer.concat([Buffer.alloc(2 ** 20, "x"), Buffer.from(text)]) }],
  ]);
  return fc.oneof(
    { weight: 300, arbitrary: some },
    { weight: 1, arbitrary: thousands },
    { weight: 1, arbitrary: huge },
  );
}

const time = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));

function span(text: fc.Arbitrary<Text>, deepest: number): fc.Arbitrary<OddSpan> {
  return fc.record({
    // Each is another span, however often a request is made from the same values.
    traceId: fc.constant(null).map(() => randomBytes(16)),
    spanId: fc.constant(null).map(() => randomBytes(8)),
    parentSpanId: fc.constantFrom(Buffer.alloc(0), Buffer.alloc(8), Buffer.alloc(8, 1)),
    traceState: text,
    name: text,
    kind: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 5 }) }, fc.integer()),
    start: time,
    end: time,
    attributes: attributes(text, deepest),
    events: fc.array(fc.record({ name: text, attributes: attributes(text, deepest) }), { maxLength: 2 }),
    links: fc.array(fc.constant({ traceId: Buffer.alloc(16, 2), spanId: Buffer.alloc(8, 2) }), {
      maxLength: 2,
    }),
    status: fc.record({ message: text, code: fc.integer({ min: 0, max: 2 }) }),
    ...{ unknown: fc.uint8Array({ maxLength: 4 }) },
  });
}

function resourceSpans(
  text: fc.Arbitrary<Text>,
  deepest: number,
  sdk: fc.Arbitrary<Attribute[] | undefined>,
) {
  const scope = fc.record({ name: text, version: text, attributes: attributes(text, deepest) });
  return fc
    .record({
      sdk,
      more: attributes(text, deepest),
      schemaUrl: text,
      scopes: fc.array(
        fc
          .record({
            scope: fc.option(scope, { nil: undefined }),
            schemaUrl: text,
            spans: fc.array(span(text, deepest), { maxLength: 3 }),
          })
          .map(({ scope, ...rest }) => ({ ...rest, ...(scope && { scope }) })),
        { maxLength: 2 },
      ),
    })
    .map(({ sdk, more, ...rest }): OddResourceSpans => ({
      ...rest,
      ...(sdk && { resource: [...sdk, ...more] }),
    }));
}

function sdk(name: string, language: string): Attribute[] {
  return [
    ["telemetry.sdk.name", { text: name }],
    ["telemetry.sdk.language", { text: language }],
  ];
}

/** From an SDK that may send anything, or from whoever names none. */
const lax = fc.constantFrom(undefined, [], sdk("opentelemetry", "cpp"), sdk("beyla", "java"));
const strict = fc.constantFrom(...strictLanguages).map((language) => sdk("opentelemetry", language));

/** An export request that no SDK should send and the protocol allows, or nearly. */
export const oddRequest: fc.Arbitrary<OddResourceSpans[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: resourceSpans(anyText, 400, lax) },
    { weight: 1, arbitrary: resourceSpans(validText, 4, strict) },
  ),
  { maxLength: 3 },
);

/**
 * Requests that DeepFlow cannot decode and that no guard mends: half by a link, half by an SDK that claims to
 * be strict.
 */
export function unmendableRequests(count: number): OddResourceSpans[][] {
  return Array.from({ length: count }, (_, index) => {
    const [traceId, spanId, invalid] = [randomBytes(16), randomBytes(8), Buffer.from([0xff])];
    return index % 2 === 0
      ? [{ scopes: [{ spans: [{ traceId, spanId, links: [{ traceId, spanId, traceState: invalid }] }] }] }]
      : [
          {
            resource: sdk("opentelemetry", strictLanguages[0]),
            scopes: [{ spans: [{ traceId, spanId, name: invalid }] }],
          },
        ];
  });
}

/** Values of 100,000 levels, which 800 kB can hold, wherever OTLP has attributes. */
export function deepRequests(): OddResourceSpans[][] {
  return (["list", "map"] as const).flatMap((shape) => {
    const attributes: Attribute[] = [["deep", { levels: 100_000, shape }]];
    const span = () => ({ traceId: randomBytes(16), spanId: randomBytes(8) });
    return [
      [{ resource: attributes, scopes: [{ spans: [span()] }] }],
      [{ scopes: [{ scope: { name: "", version: "", attributes }, spans: [span()] }] }],
      [{ scopes: [{ spans: [{ ...span(), attributes }] }] }],
      [{ scopes: [{ spans: [{ ...span(), events: [{ name: "", attributes }] }] }] }],
    ];
  });
}

/** One span of a strict SDK with every kind of text that must stay as it is. */
export function goodRequest(language: string): OddResourceSpans[] {
  const value: Value = {
    list: [{ text: "ä" }, { int: 2n }, { map: [["deep", { list: [{ bool: true }] }]] }],
  };
  return [
    {
      resource: sdk("opentelemetry", language),
      scopes: [
        {
          spans: [
            {
              traceId: randomBytes(16),
              spanId: randomBytes(8),
              name: "Größe 尺寸",
              kind: 2,
              attributes: [
                ["text", { text: "a \uFFFD that somebody meant" }],
                ["list", value],
                ["empty", { text: "" }],
              ],
            },
          ],
        },
      ],
    },
  ];
}
