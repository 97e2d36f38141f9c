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
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from "yaml";
import type { Found, Value } from "./messages.ts";

/** Where a value is: the keys from the top of the document. */
export type Path = readonly string[];

/** Why a document cannot be edited without risk to what else is in it: the end of a sentence. */
export class UneditableError extends Error {
  /** What to do about it by hand. */
  readonly fix: string;

  constructor(reason: string, fix: string) {
    super(reason);
    this.fix = fix;
  }
}

/**
 * Integers as Go's YAML, and so DeepFlow, reads them: with underscores, in base 2, and in base 8 after a mere
 * zero.
 */
const goInteger: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(0b[01_]+|0[0-7_]+|[1-9]\d*_[\d_]*)$/,
  resolve: (text) => {
    const digits = text.replace(/[-+_]/g, "");
    const value = digits.startsWith("0b")
      ? Number(digits)
      : Number.parseInt(digits, digits.startsWith("0") ? 8 : 10);
    return text.startsWith("-") ? -value : value;
  },
};

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

/** Whether the value at a path, if there is one, is of a type. */
export function isOfType(text: string, path: Path, type: "boolean" | "number"): boolean {
  const { pair } = locate(read(text), path);
  return !pair || typeof scalarOf(pair, path)?.value === type;
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
 * Brings back what was there before: the text of a value, or its absence, and of those maps above it that
 * were not there and are empty now.
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

/** The comments of a document, and what looks like one in its texts. */
export function commentsIn(text: string): string[] {
  return text.match(/(^|[ \t])#[^\n]*/gm)?.map((comment) => comment.trim()) ?? [];
}

type Parsed = Document.Parsed;

// Ours first: it takes 010 before the library does, for which that is ten.
const customTags = (tags: Tags): Tags => [goInteger, ...tags];

function read(text: string): Parsed {
  const options = { keepSourceTokens: true, uniqueKeys: true, customTags };
  // Of a text without any document the library makes none.
  const [document = parseDocument("", options), another] = parseAllDocuments(text, options);
  if (another) {
    refuseEnd(text);
    throw new UneditableError(
      "it holds several YAML documents, of which DeepFlow reads the first",
      "take the others out",
    );
  }
  const [error] = document.errors;
  if (error) throw new UneditableError(`it is not YAML: ${firstLine(error.message)}`, "mend it");
  const { contents } = document;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && nothing.test(contents.source))) {
    throw new UneditableError("it is not a map at the top", "write keys there, or {}");
  }
  return document;
}

function refuseEnd(text: string): void {
  if (!/^\.\.\.(\s|$)/m.test(text)) return;
  throw new UneditableError(
    "it has a line `...`, behind which DeepFlow reads nothing",
    "take out that line and what follows it",
  );
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
    if (!isMap(pair.value)) throw notA("map", pair, path.slice(0, depth + 1));
    map = pair.value;
  }
  return { depth: 0 };
}

function scalarOf(pair: PairNode, path: Path): Scalar.Parsed | null {
  const { value } = pair;
  if (value === null) return null;
  if (isAlias(value) || !isScalar(value)) throw notA("single value", pair, path);
  const { anchor } = value;
  if (anchor !== undefined) {
    throw new UneditableError(
      `${path.join(".")} in it has the anchor &${anchor}`,
      `write its value out in place of every *${anchor}, and take &${anchor} out`,
    );
  }
  return value;
}

function notA(kind: string, { value }: PairNode, path: Path): UneditableError {
  const key = path.join(".");
  if (!isAlias(value)) return new UneditableError(`${key} in it is not a ${kind}`, `write a ${kind} there`);
  const alias = `*${value.source}`;
  return new UneditableError(
    `${key} in it is the alias ${alias}`,
    `write its value out in place of ${alias}`,
  );
}

function noSafePlace(key: string): UneditableError {
  return new UneditableError(
    `it is written in a way that leaves no safe place for ${key}`,
    "write one key in a line, and values in place of aliases,",
  );
}

function replaceValue(text: string, pair: PairNode, path: Path, raw: string): string {
  const scalar = scalarOf(pair, path);
  // Behind a tag such as !!str any other value stays a text.
  if (scalar?.tag !== undefined && (scalar.srcToken?.type !== "scalar" || typeof scalar.value === "string")) {
    throw new UneditableError(
      `${path.join(".")} in it has the tag ${scalar.tag}`,
      "write the value without a tag and without quotes",
    );
  }
  const [start, end] = scalar?.range ?? [];
  if (start === undefined || end === undefined) throw noSafePlace(path.join("."));
  // A key without a value ends with its colon: a value needs a space, and taking it away again takes the
  // space.
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
  const lineStart = startOfLine(text, start);
  const indent = text.slice(lineStart, start);
  if (!/^ *$/.test(indent) || end < start) {
    throw noSafePlace(missing.join("."));
  }
  return text.slice(0, lineStart) + block(missing, value, indent, newline(text)) + text.slice(lineStart);
}

/** Into a document without any keys: behind what comments it has. */
function insertAtEnd(text: string, missing: Path, value: Value): string {
  refuseEnd(text);
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

/** Where the line of a position begins; a BOM stays in front of it. */
function startOfLine(text: string, position: number): number {
  return text.lastIndexOf("\n", position - 1) + 1 || Number(text.startsWith("\uFEFF"));
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
  const lineStart = startOfLine(text, start);
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
 * The edited text, once it is certain that nothing else changed: the same comments, and the same values
 * everywhere but at the path.
 */
function checked(before: string, after: string, path: Path): string {
  if (everything(before, path) === everything(after, path)) return after;
  throw noSafePlace(path.join("."));
}

/**
 * All comments and values but the one at the path, as a text to compare; nothing for a text that cannot be
 * read.
 */
function everything(text: string, path: Path): string | undefined {
  let document: Parsed;
  try {
    document = read(text);
  } catch {
    return undefined;
  }
  const values = (document.contents === null ? {} : (document.toJS() as unknown)) ?? {};
  return JSON.stringify([commentsIn(text), without(values, path)]);
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
