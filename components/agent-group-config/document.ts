import type { AgentConfigFormat } from "./agent-config-format.ts";
import type { BeforeRecord, Found, Integration, Key, Value } from "./messages.ts";
import {
  commentsIn,
  foundAt,
  isEmptyDocument,
  isOfType,
  restoreAt,
  setAt,
  topKeys,
  UneditableError,
  valueAt,
} from "./yaml-edit.ts";

export type { BeforeRecord } from "./messages.ts";

/** A setting whose value is another one now. */
export interface Change {
  readonly key: string;
  readonly from: Value | undefined;
  readonly to: Value | undefined;
  /**
   * Whether it is another value to the agents, which then restart: writing a default down is not (deepflow
   * `agent/src/config/handler.rs`).
   */
  readonly restarts: boolean;
}

/**
 * Longest text without keys that a record keeps, in characters; what is longer stays as it is, less what was
 * written.
 */
const longestEmptyText = 500;

/** The settings that a stack manages, as this format writes them. */
export function desired(format: AgentConfigFormat, integration: Integration): [Key, Value][] {
  return (Object.entries(integration) as [Key, boolean | number | undefined][])
    .filter((entry): entry is [Key, boolean | number] => entry[1] !== undefined)
    .map(([key, value]) => [key, format.write(key, value)]);
}

/**
 * What is there at the managed keys; records for keys that an earlier record has are kept.
 *
 * @throws UneditableError as `foundAt` does, or where a key holds what the server would refuse on the way
 * back.
 */
export function record(
  format: AgentConfigFormat,
  groupId: string,
  stored: string | undefined,
  keys: readonly Key[],
  earlier?: BeforeRecord,
): BeforeRecord {
  const text = editable(stored);
  const found = keys
    .filter((key) => !earlier?.keys[key])
    .map((key) => [key, restorableAt(format, text, key)] as const);
  const empty = stored !== undefined && isEmptyDocument(text) && stored.length <= longestEmptyText;
  return {
    groupId,
    existed: earlier?.existed ?? stored !== undefined,
    emptyText: earlier ? earlier.emptyText : empty ? stored : undefined,
    keys: { ...Object.fromEntries(found), ...earlier?.keys },
  };
}

function restorableAt(format: AgentConfigFormat, text: string, key: Key): Found {
  const [path, type] = [format.paths[key], format.types[key]];
  const found = foundAt(text, path);
  if (isOfType(text, path, type)) return found;
  throw new UneditableError(
    `${path.join(".")} in it is ${JSON.stringify(valueAt(text, path) ?? null)}, which is no ${type}, so that the server would refuse it when it is put back`,
    `write a ${type} there, or take the key out,`,
  );
}

/**
 * The stored text with the managed values in it, and what that changes. Nothing else changes, to the letter.
 */
export function merged(
  format: AgentConfigFormat,
  groupId: string,
  stored: string | undefined,
  values: readonly (readonly [Key, Value])[],
): { text: string; changes: Change[] } {
  let text = editable(stored);
  if (stored === undefined || (format.name === "old" && isEmptyDocument(text)))
    text += format.beginning(groupId);
  const changes: Change[] = [];
  for (const [key, to] of values) {
    const path = format.paths[key];
    const from = valueAt(text, path);
    if (from === to) continue;
    changes.push(change(format, key, from, to));
    text = setAt(text, path, to);
  }
  return { text: changes.length > 0 ? text : (stored ?? ""), changes };
}

/** What restoring comes to. */
export interface Restored {
  /** `undefined`: the configuration did not exist before, and says nothing now. */
  readonly text: string | undefined;
  readonly changes: Change[];
  /** Keys that somebody else changed since, with what they hold now. */
  readonly left: { readonly key: string; readonly value: Value | undefined }[];
}

/** Brings back what a record says, for those keys that still hold what was written. */
export function restored(
  format: AgentConfigFormat,
  stored: string,
  written: readonly (readonly [Key, Value])[],
  before: BeforeRecord,
): Restored {
  let text = editable(stored);
  const changes: Change[] = [];
  const left: { key: string; value: Value | undefined }[] = [];
  for (const [key, value] of [...written].reverse()) {
    const path = format.paths[key];
    const found = before.keys[key];
    const now = valueAt(text, path);
    if (!found) continue;
    if (now !== value) {
      const isBack = found.present
        ? foundAt(text, path).present && rawAt(text, path) === found.raw
        : now === undefined;
      if (!isBack) left.push({ key: path.join("."), value: now });
      continue;
    }
    text = restoreAt(text, path, found);
    const to = valueAt(text, path);
    if (to !== now) changes.push(change(format, key, now, to));
  }
  if (!before.existed && saysNothing(format, text)) return { text: undefined, changes, left };
  const { emptyText } = before;
  const isAsBefore = emptyText !== undefined && editable(emptyText) === withoutOwn(format, text);
  return { text: isAsBefore ? emptyText : text, changes, left };
}

function change(format: AgentConfigFormat, key: Key, from: Value | undefined, to: Value | undefined): Change {
  const standard = format.defaults[key];
  const restarts = (from ?? standard) !== (to ?? standard);
  return { key: format.paths[key].join("."), from, to, restarts };
}

/** A text that keys can be put into: a document that is just `null` has no place for them. */
function editable(stored: string | undefined): string {
  if (stored === undefined) return "";
  return stored.replace(/^((?:[ \t]*(?:#[^\n]*)?\r?\n)*)[ \t]*(?:null|Null|NULL|~)[ \t]*(\r?\n|$)/, "$1$2");
}

function rawAt(text: string, path: readonly string[]): string | undefined {
  const found = foundAt(text, path);
  return found.present ? found.raw : undefined;
}

/**
 * Whether a document has nothing to lose: no comment, and no keys but those that the server wants for itself.
 */
function saysNothing(format: AgentConfigFormat, text: string): boolean {
  return hasNoOtherKeys(format, text) && commentsIn(text).length === 0;
}

function hasNoOtherKeys(format: AgentConfigFormat, text: string): boolean {
  return topKeys(text).every((key) => format.own.includes(key));
}

function withoutOwn(format: AgentConfigFormat, text: string): string {
  return format.own.reduce((rest, key) => rest.replace(new RegExp(`^${key}:.*\\r?\\n?`, "m"), ""), text);
}
