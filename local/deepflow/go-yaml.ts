import { CORE_SCHEMA, intYaml11Tag, loadAll, mergeTag, timestampTag, YAMLException } from "js-yaml";

// go-yaml reads timestamps, merge keys and the integers of YAML 1.1, such as 38_086, without being asked to.
const schema = CORE_SCHEMA.withTags(mergeTag, timestampTag, intYaml11Tag);

/**
 * A mapping's text as Go's `yaml.Unmarshal` into a `map[string]interface{}` reads it: the first document
 * counts, nothing after a line `...` is looked at, and no document, or null, is an empty map.
 *
 * @throws Error as go-yaml words it; the place and the reason of a syntax error are js-yaml's.
 */
export function unmarshalMap(text: string): Record<string, unknown> {
  const value = firstDocument(text);
  if (value === null || value === undefined) return {};
  if (isMap(value)) return value;
  const found = Array.isArray(value) ? "!!seq" : `${tagOf(value)} \`${shown(value)}\``;
  throw new Error(
    `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${found} into map[string]interface {}`,
  );
}

function firstDocument(text: string): unknown {
  if (/^%YAML (?!1\.1\s)/m.test(text)) throw new Error("yaml: found incompatible YAML document");
  const [document = ""] = text.split(/^\.\.\.(?=\s|$)/m, 1);
  if (/[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(document))
    throw new Error("yaml: control characters are not allowed");
  try {
    return loadAll(document, { schema })[0];
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { reason, mark } = error;
    throw new Error(`yaml: ${mark ? `line ${mark.line + 1}: ` : ""}${reason}`, { cause: error });
  }
}

/** The short tag that go-yaml gives a scalar. */
export function tagOf(value: unknown): string {
  switch (typeof value) {
    case "boolean":
      return "!!bool";
    case "number":
      return Number.isInteger(value) ? "!!int" : "!!float";
    case "string":
      return "!!str";
    default:
      return value instanceof Date ? "!!timestamp" : "!!null";
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function shown(value: unknown): string {
  const text = String(value);
  return text.length > 10 ? `${text.slice(0, 7)}...` : text;
}
