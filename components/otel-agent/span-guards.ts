import type { Components } from "./custom-components.ts";
import type { StatementGroup } from "./transform.ts";

/**
 * Languages (`telemetry.sdk.language`) whose OpenTelemetry SDK cannot send a string that is not UTF-8, the
 * most frequent first: their strings are Unicode, or their protocol buffers library replaces or refuses what
 * is not. Not those of C++ and Ruby, which send the bytes of a string as they are, of Erlang, whose strings
 * are bytes, and of Node.js, which sends half a character where `attributeValueLengthLimit` cut one
 * (@opentelemetry/otlp-transformer 0.57.2, whose protobufjs writes a lone surrogate as three bytes).
 */
export const strictLanguages = ["java", "go", "python", "dotnet", "php", "rust", "swift"] as const;

/** Go's regular expressions read a byte that is not UTF-8 as U+FFFD. */
const notUtf8 = String.raw`\\x{FFFD}`;

const replaced = "\uFFFD";

/**
 * Lists in lists that DeepFlow still takes, and a few less: its decoder (prost) refuses messages that are
 * nested deeper than 100. A list in a list is two messages, and the value of an event's attribute the sixth.
 */
const nestedLists = 40;

/**
 * How deep a value is taken apart: what lies deeper is dropped, and counted as SDKs count what they drop.
 * Each level's attribute has the names of all above it, so a value without end would cost the square of its
 * depth: one of 100,000 levels, which 800 kB can hold, took 4.5 GB.
 */
const flattenedDepth = 300;

/**
 * Names of at least so many parts are those of what `flatten` left nested: of a list in a list, it counts
 * three levels and names one.
 */
const flattenedNames = flattenedDepth / 3 - 1;

/**
 * Statements that keep one span from harming others, whatever a stack has switched off.
 *
 * - A kind outside the protocol's 0 to 5 aborts the deepflow-agent that gets it (built with `panic =
 *   "abort"`), and the Collector sends it again: it becomes 0, which DeepFlow takes for a span of unknown
 *   side.
 * - A string that is not UTF-8, or a value nested too deep, makes the agent close the connection on the whole
 *   batch, which is then sent again for an hour. Looking at every string costs nearly as much as all the rest
 *   of the pipeline (3 to 7 µs of 7), so it is done for whoever can send such a string: everybody but the
 *   OpenTelemetry SDKs of `strictLanguages`, and everybody where a stack's own `transform` may have cut a
 *   character in two.
 *
 * What OTTL cannot reach are the strings of links: it has no context for them
 * (opentelemetry-collector-contrib issue #26660, open), `set` ignores nil, and `clear(links)` ends the
 * Collector (contrib 0.160.0 and 0.161.0: it sets a slice without a state). They, and a span that claims to
 * be of a strict SDK and is not, hold up one of the exporter's consumers.
 */
export function spanGuards(customProcessors: Components): StatementGroup[] {
  const cutting = Object.keys(customProcessors).some((name) => /^transform(\/|$)/.test(name));
  const guard = (context: StatementGroup["context"], fields: readonly string[]): StatementGroup => ({
    context,
    ...(!cutting && { conditions: [`${context === "resource" ? "" : "resource."}${lax} != nil`] }),
    statements: [...fields.map(mendedField), ...mendedAttributes],
  });
  const guards = [
    guard("resource", ["schema_url"]),
    guard("scope", ["name", "version", "schema_url"]),
    guard("span", ["name", "status.message", "trace_state"]),
    guard("spanevent", ["name"]),
  ];
  return [
    { context: "span", statements: ["set(kind, 0) where kind < 0 or kind > 5"] },
    ...(cutting ? guards : [marked, ...guards, unmarked]),
  ];
}

/**
 * Set on a resource while its spans are checked: one look-up per span, where the name and language of the SDK
 * are several.
 */
const lax = 'attributes["deepflow_otel.lax"]';

/**
 * Others than OpenTelemetry's own SDKs may name the language of the application that they look at, not
 * theirs.
 */
const marked: StatementGroup = {
  context: "resource",
  conditions: [
    `attributes["telemetry.sdk.name"] != "opentelemetry" or not IsMatch(attributes["telemetry.sdk.language"], "^(${strictLanguages.join("|")})$")`,
  ],
  statements: [`set(${lax}, true)`],
};

const unmarked: StatementGroup = {
  context: "resource",
  conditions: [`${lax} != nil`],
  statements: ['delete_key(attributes, "deepflow_otel.lax")'],
};

function mendedField(field: string): string {
  return `replace_pattern(${field}, "${notUtf8}", "?")`;
}

/**
 * Attributes as one text, in upper case because that turns every invalid byte into U+FFFD many times faster
 * than a regular expression finds one; in lists, which the text has as JSON, it is `\ufffd` already. What
 * JSON hides is looked at as well: a map, where of two equal keys it has one, and a list with NaN, which
 * makes it empty.
 *
 * Mending loses little: nested values become attributes of their own (`a.0.b`), and each invalid byte a
 * question mark, as does a U+FFFD that somebody meant.
 */
const mendedAttributes = [
  'set(cache["text"], Concat([ConvertCase(ToKeyValueString(attributes, "=", "&"), "upper"), "&"], ""))',
  `set(cache["odd"], true) where ${[
    found(replaced),
    found(String.raw`\\UFFFD`),
    found("=&"),
    found(String.raw`{\\\"`),
    `Len(Split(cache["text"], "[")) > ${nestedLists + 1}`,
  ].join(" or ")}`,
  ...[
    // With a prefix: without one, a map under an empty name adds nothing to the names below it.
    `flatten(attributes, "a", ${flattenedDepth})`,
    'set(cache["count"], Len(attributes))',
    `delete_matching_keys(attributes, "^([^.]*[.]){${flattenedNames}}")`,
    'set(dropped_attributes_count, dropped_attributes_count + cache["count"] - Len(attributes))',
    'replace_all_patterns(attributes, "key", "^a[.]", "")',
    `replace_all_patterns(attributes, "value", "${notUtf8}", "?")`,
    `replace_all_patterns(attributes, "key", "${notUtf8}", "?")`,
  ].map((statement) => `${statement} where cache["odd"] != nil`),
];

function found(text: string): string {
  return `Len(Split(cache["text"], "${text}")) > 1`;
}
