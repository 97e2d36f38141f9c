import { structuredPatch } from "diff";
import { loadAll, YAMLException } from "js-yaml";
import type { RenderedFiles } from "./files.ts";
import { identity, type KubernetesObject } from "./kubernetes-object.ts";

/** A field that differs: absent `before` means added, absent `after` means removed. Values are plain data. */
export interface FieldChange {
  /** Names from the object's root, joined by dots; an item of a list in brackets. */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A rendered file that differs. */
export interface ObjectChange {
  /** The Kubernetes object, as `Kind namespace/name`; a file that is none by its path. */
  readonly object: string;
  readonly change: "added" | "removed" | "changed";
  /** One with an empty name, which is everything, where the object is on one side only. */
  readonly fields: readonly FieldChange[];
}

/**
 * What differs between two renderings, by object and field: objects first, then what else was rendered, such
 * as the README that names the steps besides.
 */
export function diffFiles(before: RenderedFiles, after: RenderedFiles): ObjectChange[] {
  const renamed = renamedConfigMaps(before, after);
  const replaced = new Set(renamed.values());
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => !replaced.has(path));
  return paths.sort(objectsFirst).flatMap((path) => {
    const [old, now] = [parsed(path, before.get(renamed.get(path) ?? path)), parsed(path, after.get(path))];
    const fields = diffFields(old, now);
    if (fields.length === 0) return [];
    const change = old === undefined ? "added" : now === undefined ? "removed" : "changed";
    return [{ object: isObject(path) ? identity((now ?? old) as KubernetesObject) : path, change, fields }];
  });
}

/**
 * New path → old path of ConfigMaps that are one to a person: their names end in a hash of their content, so
 * that a pod starts anew with it (components/otel-agent/config-map.ts). Only where one is left on each side.
 */
function renamedConfigMaps(before: RenderedFiles, after: RenderedFiles): Map<string, string> {
  const [removed, added] = [byNameWithoutHash(before, after), byNameWithoutHash(after, before)];
  return new Map(
    [...added].flatMap(([name, paths]) => {
      const [path, old] = [paths[0], removed.get(name)?.[0]];
      const isPair = paths.length === 1 && removed.get(name)?.length === 1;
      return isPair && path !== undefined && old !== undefined ? [[path, old]] : [];
    }),
  );
}

function byNameWithoutHash(files: RenderedFiles, others: RenderedFiles): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const path of files.keys()) {
    const name = /^(.*\/configmap-.+)-[0-9a-f]{10}\.yaml$/.exec(path)?.[1];
    if (name !== undefined && !others.has(path)) names.set(name, [...(names.get(name) ?? []), path]);
  }
  return names;
}

function isObject(path: string): boolean {
  return path.endsWith(".yaml");
}

function objectsFirst(a: string, b: string): number {
  return Number(isObject(b)) - Number(isObject(a)) || (a < b ? -1 : 1);
}

function parsed(path: string, text: string | undefined): unknown {
  return text === undefined || !isObject(path) ? text : loadAll(text)[0];
}

/**
 * What differs between two values. Texts that are maps or lists in YAML or JSON, such as a Collector's
 * configuration, are compared as what they are, and other texts of many lines by line.
 */
export function diffFields(before: unknown, after: unknown, field = ""): FieldChange[] {
  const [old, now] = [embedded(before), embedded(after)];
  if (isMap(old) && isMap(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return keys.flatMap((key) => diffFields(old[key], now[key], joined(field, key)));
  }
  if (Array.isArray(old) && Array.isArray(now)) return diffLists(old, now, field);
  if (same(old, now)) return [];
  if (isText(old) && isText(now)) return diffLines(old, now, field);
  return [{ field, ...(old !== undefined && { before: old }), ...(now !== undefined && { after: now }) }];
}

/** Items are known by their names or keys where each has its own, as Kubernetes merges them. */
function diffLists(before: readonly unknown[], after: readonly unknown[], field: string): FieldChange[] {
  if (same(before, after)) return [];
  const [old, now] = [byName(before), byName(after)];
  if (old !== undefined && now !== undefined) {
    const names = [...new Set([...old.keys(), ...now.keys()])];
    const [oldOrder, newOrder] = [common(old, now), common(now, old)];
    return [
      ...names.flatMap((name) => diffFields(old.get(name), now.get(name), `${field}[${name}]`)),
      ...(same(oldOrder, newOrder) ? [] : [{ field: `${field} (order)`, before: oldOrder, after: newOrder }]),
    ];
  }
  if ([...before, ...after].every((item) => typeof item !== "object" || item === null))
    return [{ field, before, after }];
  return diffUnnamed(before, after, field);
}

/** Items that are on both sides say nothing; the others are compared one by one, named by their places. */
function diffUnnamed(before: readonly unknown[], after: readonly unknown[], field: string): FieldChange[] {
  const [old, now] = [without(before, after), without(after, before)];
  if (old.length === 0 && now.length === 0) return [{ field, before, after }];
  return Array.from({ length: Math.max(old.length, now.length) }, (_, pair) => {
    const place = now[pair]?.index ?? old[pair]?.index;
    return diffFields(old[pair]?.item, now[pair]?.item, `${field}[${place}]`);
  }).flat();
}

function without(list: readonly unknown[], others: readonly unknown[]): { item: unknown; index: number }[] {
  return list
    .map((item, index) => ({ item, index }))
    .filter(({ item }) => !others.some((other) => same(item, other)));
}

function byName(list: readonly unknown[]): Map<string, unknown> | undefined {
  const named = new Map<string, unknown>();
  for (const item of list) {
    const name = isMap(item) ? (item["name"] ?? item["key"]) : undefined;
    if (typeof name !== "string" || named.has(name)) return undefined;
    named.set(name, item);
  }
  return named;
}

function common(some: Map<string, unknown>, others: Map<string, unknown>): string[] {
  return [...some.keys()].filter((name) => others.has(name));
}

function diffLines(before: string, after: string, field: string): FieldChange[] {
  const { hunks } = structuredPatch("", "", before, after, undefined, undefined, { context: 0 });
  const side = (lines: readonly string[], sign: string) =>
    lines.filter((line) => line.startsWith(sign)).map((line) => `${line.slice(1)}\n`);
  return hunks.map(({ lines, newStart }) => {
    const [removed, added] = [side(lines, "-"), side(lines, "+")];
    return {
      field: `${field}${field === "" ? "" : " "}(line ${newStart})`,
      ...(removed.length > 0 && { before: removed.join("") }),
      ...(added.length > 0 && { after: added.join("") }),
    };
  });
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.includes("\n");
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function joined(path: string, key: string): string {
  const name = /[.[\]]/.test(key) ? JSON.stringify(key) : key;
  return path === "" ? name : `${path}.${name}`;
}

/** The map or list that a text is, or the value itself. */
function embedded(value: unknown): unknown {
  if (typeof value !== "string" || !/[\n{[]/.test(value)) return value;
  try {
    const [content, ...more] = loadAll(value);
    return typeof content === "object" && content !== null && more.length === 0 ? content : value;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return value;
  }
}

/** A value with every text in it that is a map or a list opened, to be shown to a person. */
export function opened(value: unknown): unknown {
  const content = embedded(value);
  if (Array.isArray(content)) return content.map(opened);
  if (!isMap(content)) return content;
  return Object.fromEntries(Object.entries(content).map(([key, item]) => [key, opened(item)]));
}
