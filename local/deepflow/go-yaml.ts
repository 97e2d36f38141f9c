import { CORE_SCHEMA, loadAll, mergeTag, timestampTag, YAMLException } from "js-yaml";

// go-yaml reads timestamps and merge keys without being asked to.
const schema = CORE_SCHEMA.withTags(mergeTag, timestampTag);

/**
 * A mapping's text as Go's `yaml.Unmarshal` into a `map[string]interface{}` reads it: the first document counts, and
 * no document, or null, is an empty map.
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
  try {
    return loadAll(text, { schema })[0];
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
