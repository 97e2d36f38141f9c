import { loadAll, YAMLException } from "js-yaml";
import type { RenderedFiles } from "./files.ts";

/** A field that differs: absent `before` means added, absent `after` means removed. */
export interface FieldChange {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** An object that differs. An object that is on one side only has all its fields in `fields`. */
export interface ObjectChange {
  /** The object's file in the rendering, without `.yaml`: `<namespace>/<kind>-<name>`. */
  readonly object: string;
  readonly change: "added" | "removed" | "changed";
  readonly fields: readonly FieldChange[];
}

/** What differs between two renderings, by object and field; the rendering's own README.md is left out. */
export function diffFiles(before: RenderedFiles, after: RenderedFiles): ObjectChange[] {
  const paths = new Set([...before.keys(), ...after.keys()].filter((path) => path.endsWith(".yaml")));
  return [...paths].sort().flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    const fields = diffFields(parsed(old), parsed(now));
    if (fields.length === 0) return [];
    const change = old === undefined ? "added" : now === undefined ? "removed" : "changed";
    return [{ object: path.slice(0, -".yaml".length), change, fields }];
  });
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : loadAll(text)[0];
}

/** What differs between two values, by the path of each field, sorted. */
export function diffFields(before: unknown, after: unknown): FieldChange[] {
  const [old, now] = [leaves(before), leaves(after)];
  const fields = [...new Set([...old.keys(), ...now.keys()])].sort();
  return fields.flatMap((field) => {
    const [before, after] = [old.get(field), now.get(field)];
    if (before === after) return [];
    return [{ field, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  });
}

/** Path → value as JSON. Texts that are YAML or JSON maps or lists, such as a Collector configuration, are parsed. */
function leaves(value: unknown, path = ""): Map<string, string> {
  if (value === undefined) return new Map();
  const content = typeof value === "string" ? embedded(value) : value;
  if (typeof content !== "object" || content === null) return new Map([[path, JSON.stringify(content)]]);
  const entries = Array.isArray(content) ? items(content) : Object.entries(content);
  if (entries.length === 0) return new Map([[path, Array.isArray(content) ? "[]" : "{}"]]);
  return new Map(
    entries.flatMap(([key, item]) => [
      ...leaves(item, Array.isArray(content) ? `${path}[${key}]` : joined(path, key)),
    ]),
  );
}

function joined(path: string, key: string): string {
  const name = /[.[\]]/.test(key) ? JSON.stringify(key) : key;
  return path === "" ? name : `${path}.${name}`;
}

/** Items are known by their names where each has its own, as Kubernetes merges them: an insertion is one change. */
function items(list: readonly unknown[]): [string, unknown][] {
  const names = list.map((item) => (item as { name?: unknown } | null)?.name);
  const named = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
  return list.map((item, index) => [named ? String(names[index]) : String(index), item]);
}

function embedded(text: string): unknown {
  if (!/[\n{[]/.test(text)) return text;
  try {
    const [content, ...more] = loadAll(text);
    return typeof content === "object" && content !== null && more.length === 0 ? content : text;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return text;
  }
}
