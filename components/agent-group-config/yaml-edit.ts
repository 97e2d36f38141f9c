import {
  isAlias,
  isMap,
  isScalar,
  parseAllDocuments,
  parseDocument,
  type Document,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from "yaml";

/** Where a value is: the keys from the top of the document. */
export type Path = readonly string[];

/** A value that can be managed: what deepflow-agents take for a single setting. */
export type Value = boolean | number | string;

/** What was at a path: its text as it was written, or how many of the maps above it were there. */
export type Found =
  { readonly present: true; readonly raw: string } | { readonly present: false; readonly parents: number };

/** Why a document cannot be edited without risk to what else is in it: a sentence. */
export class UneditableError extends Error {}

/** A document that holds nothing: what it is written as, where that is not just comments and space. */
const nothing = /^(null|Null|NULL|~)?$/;

/**
 * The value at a path; `undefined` where there is none.
 *
 * @throws UneditableError if the text is not one map, or the path runs into something else.
 */
export function valueAt(text: string, path: Path): Value | undefined {
  const { pair } = locate(read(text), path);
  return pair && (scalarOf(pair, path)?.value as Value | undefined);
}

/** What is at a path, for `restoreAt` to bring back. */
export function foundAt(text: string, path: Path): Found {
  const document = read(text);
  const { pair, depth } = locate(document, path);
  if (!pair) return { present: false, parents: depth };
  const scalar = scalarOf(pair, path);
  return { present: true, raw: scalar?.range ? text.slice(scalar.range[0], scalar.range[1]) : "" };
}

/**
 * Sets a value and changes nothing else, to the letter: comments, order, quotes and spacing stay.
 *
 * @throws UneditableError as `valueAt` does, or if the text is written in a way that leaves no safe place.
 */
export function setAt(text: string, path: Path, value: Value): string {
  const document = read(text);
  const { pair, map, depth } = locate(document, path);
  if (pair) return checked(text, replaceValue(text, pair, path, JSON.stringify(value)), path);
  const missing = path.slice(depth);
  return checked(
    text,
    map ? insertFirst(text, map, missing, value) : insertAtEnd(text, missing, value),
    path,
  );
}

/**
 * Brings back what was there before: the text of a value, or its absence, and of those maps above it that were not there and
 * are empty now.
 *
 * @throws UneditableError as `setAt` does.
 */
export function restoreAt(text: string, path: Path, before: Found): string {
  const { pair } = locate(read(text), path);
  if (!pair) return text;
  if (before.present) return checked(text, replaceValue(text, pair, path, before.raw), path);
  let restored = checked(text, remove(text, path), path);
  for (let length = path.length - 1; length > 0; length -= 1) {
    const parentPath = path.slice(0, length);
    const { pair: parent } = locate(read(restored), parentPath);
    if (!parent || !isEmptied(parent)) break;
    if (length <= before.parents) {
      // It was an empty map before; a key with nothing behind it is null, which servers refuse.
      return isMap(parent.value)
        ? restored
        : checked(restored, replaceValue(restored, parent, parentPath, "{}"), path);
    }
    restored = checked(restored, remove(restored, parentPath), path);
  }
  return restored;
}

/** Whether a document has no keys at all, whatever its comments. */
export function isEmptyDocument(text: string): boolean {
  const { contents } = read(text);
  return !isMap(contents) || contents.items.length === 0;
}

/** The keys at the top of a document. */
export function topKeys(text: string): string[] {
  const { contents } = read(text);
  return isMap(contents) ? contents.items.map(({ key }) => (isScalar(key) ? String(key.value) : "")) : [];
}

type Parsed = Document.Parsed;

function read(text: string): Parsed {
  const options = { keepSourceTokens: true, uniqueKeys: true };
  // Of a text without any document the library makes none.
  const [document = parseDocument("", options), another] = parseAllDocuments(text, options);
  if (another) throw new UneditableError("it holds several YAML documents");
  const [error] = document.errors;
  if (error) throw new UneditableError(`it is not YAML: ${firstLine(error.message)}`);
  const { contents } = document;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && nothing.test(contents.source))) {
    throw new UneditableError("it is not a map at the top");
  }
  return document;
}

function firstLine(text: string): string {
  return text.slice(0, (text + "\n").indexOf("\n"));
}

type MapNode = YAMLMap.Parsed;
type PairNode = Pair<ParsedNode, ParsedNode | null>;

/** The pair at a path, or the deepest map that is there and how many of the path's keys lead to it. */
function locate(document: Parsed, path: Path): { pair?: PairNode; map?: MapNode; depth: number } {
  let map = isMap(document.contents) ? document.contents : undefined;
  for (const [depth, key] of path.entries()) {
    if (!map) return { depth };
    const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key) as
      PairNode | undefined;
    if (!pair) return { map, depth };
    if (depth === path.length - 1) return { pair, depth };
    if (!isMap(pair.value)) {
      throw new UneditableError(`${path.slice(0, depth + 1).join(".")} in it is not a map`);
    }
    map = pair.value;
  }
  return { depth: 0 };
}

function scalarOf(pair: PairNode, path: Path): Scalar.Parsed | null {
  const { value } = pair;
  if (value === null) return null;
  if (isAlias(value) || !isScalar(value))
    throw new UneditableError(`${path.join(".")} in it is not a single value`);
  if (value.anchor !== undefined) throw new UneditableError(`${path.join(".")} in it has an anchor`);
  return value;
}

function replaceValue(text: string, pair: PairNode, path: Path, raw: string): string {
  const scalar = scalarOf(pair, path);
  if (scalar?.tag !== undefined && scalar.srcToken?.type !== "scalar") {
    throw new UneditableError(`${path.join(".")} in it has a tag`);
  }
  const [start, end] = scalar?.range ?? [];
  if (start === undefined || end === undefined)
    throw new UneditableError(`${path.join(".")} in it has no place`);
  // A key without a value ends with its colon: a value needs a space, and taking it away again takes the space.
  if (start === end) return text.slice(0, start).replace(/:[ \t]*$/, ": ") + raw + text.slice(end);
  if (raw === "") return text.slice(0, start).replace(/: $/, ":") + text.slice(end);
  return text.slice(0, start) + raw + text.slice(end);
}

/** As the first of a map's pairs: whatever follows the last one, comments above all, stays where it is. */
function insertFirst(text: string, map: MapNode, missing: Path, value: Value): string {
  const [start, end] = map.range;
  if (map.flow) {
    const rest = map.items.length > 0 ? ", " : "";
    return `${text.slice(0, start + 1)}${flow(missing, value)}${rest}${text.slice(start + 1)}`;
  }
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const indent = text.slice(lineStart, start);
  if (!/^ *$/.test(indent) || end < start) {
    throw new UneditableError("a map in it begins in the middle of a line");
  }
  return text.slice(0, lineStart) + block(missing, value, indent, newline(text)) + text.slice(lineStart);
}

/** Into a document without any keys: behind what comments it has. */
function insertAtEnd(text: string, missing: Path, value: Value): string {
  const end = newline(text);
  const lines = block(missing, value, "", end);
  if (text === "" || text.endsWith("\n")) return text + lines;
  return text + end + lines.slice(0, -end.length);
}

function block([key = "", ...deeper]: Path, value: Value, indent: string, end: string): string {
  if (deeper.length === 0) return `${indent}${key}: ${JSON.stringify(value)}${end}`;
  return `${indent}${key}:${end}${block(deeper, value, `${indent}  `, end)}`;
}

function flow([key = "", ...deeper]: Path, value: Value): string {
  return deeper.length === 0 ? `${key}: ${JSON.stringify(value)}` : `${key}: {${flow(deeper, value)}}`;
}

function newline(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** Takes a pair away: its whole line in a block, and in a flow its text and one comma. */
function remove(text: string, path: Path): string {
  const document = read(text);
  const { pair } = locate(document, path);
  const parent = path.length === 1 ? document.contents : locate(document, path.slice(0, -1)).pair?.value;
  if (!pair || !isMap(parent)) return text;
  const key = pair.key as Scalar.Parsed;
  const start = key.range[0];
  const end = pair.value?.range[1] ?? key.range[1];
  if (parent.flow) {
    const after = /^\s*,[ \t]?/.exec(text.slice(end));
    if (after) return text.slice(0, start) + text.slice(end + after[0].length);
    const before = /,\s*$/.exec(text.slice(0, start));
    return text.slice(0, before ? before.index : start) + text.slice(end);
  }
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const [rest = "", comment = ""] = /^[ \t]*:?[ \t]*(#[^\n]*)?/.exec(text.slice(end)) ?? [];
  const stop = end + rest.length;
  if (comment !== "") return text.slice(0, start) + comment + text.slice(stop);
  const next = /^\r?\n/.exec(text.slice(stop));
  if (next) return text.slice(0, lineStart) + text.slice(stop + next[0].length);
  return text.slice(0, lineStart).replace(/\r?\n$/, "") + text.slice(stop);
}

function isEmptied({ value }: PairNode): boolean {
  return (
    value === null || (isScalar(value) && value.value === null) || (isMap(value) && value.items.length === 0)
  );
}

/**
 * The edited text, once it is certain that nothing else changed: the same comments, and the same values everywhere but at the
 * path.
 */
function checked(before: string, after: string, path: Path): string {
  const [one, other] = [before, after].map((text) => {
    const { comments, values } = everything(text, path);
    return JSON.stringify([comments, values]);
  });
  if (one === other) return after;
  throw new UneditableError(`it is written in a way that leaves no safe place for ${path.join(".")}`);
}

function everything(text: string, path: Path) {
  const document = read(text);
  const values = (document.contents === null ? {} : (document.toJS() as unknown)) ?? {};
  return {
    comments: text.match(/(^|[ \t])#[^\n]*/gm)?.map((comment) => comment.trim()) ?? [],
    values: without(values, path),
  };
}

/** A value with the path taken out, and with the maps above it that hold nothing else. */
function without(value: unknown, [key, ...deeper]: Path): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || key === undefined) return value;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    if (name !== key) return [[name, item] as const];
    if (deeper.length === 0) return [];
    const rest = without(item, deeper);
    const isEmpty = rest === null || (typeof rest === "object" && Object.keys(rest).length === 0);
    return isEmpty ? [] : [[name, rest] as const];
  });
  return Object.fromEntries(entries);
}
