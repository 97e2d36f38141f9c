import { isDeepStrictEqual } from "node:util";
import { loadAll } from "js-yaml";
import type { AgentConfigFormat } from "./agent-config-format.ts";
import { desired, merged, record, restored, type Change } from "./document.ts";
import type { BeforeRecord, Key, Spec, Value, Written } from "./messages.ts";
import type { Group, Transport } from "./transport.ts";
import { UneditableError } from "./yaml-edit.ts";

export type { Spec, Written } from "./messages.ts";

/** What came of it: sentences for people, and what changed for programs. */
export interface Report {
  readonly changes: readonly Change[];
  readonly sentences: readonly string[];
}

/** Times that a text is merged anew because somebody else wrote in between; the server has no locks. */
const attempts = 3;

/**
 * Looks up a group.
 *
 * @throws Error, a sentence with the groups that there are, unless there is exactly one.
 */
export async function findGroup(transport: Transport, spec: Spec["group"]): Promise<Group> {
  const groups = await transport.groups();
  const wanted = "id" in spec ? `the id ${spec.id}` : `the name ${spec.name}`;
  const found = groups.filter((group) => ("id" in spec ? group.id === spec.id : group.name === spec.name));
  const [group, another] = found;
  if (group && !another) return group;
  const listed = (another ? found : groups).map(({ name, id }) => `${name} (${id})`).join(", ");
  throw new Error(
    group
      ? `Several agent groups have ${wanted}: ${listed}; say which one by agentGroup.id.`
      : `There is no agent group of ${wanted}; there are: ${listed}.`,
  );
}

/** What is there now, of what is going to be managed. Reads, and writes nothing. */
export async function before(
  transport: Transport,
  spec: Spec,
  earlier?: BeforeRecord,
): Promise<BeforeRecord> {
  const format = await transport.configFormat();
  const group = await findGroup(transport, spec.group);
  const keys = desired(format, spec.integration).map(([key]) => key);
  const stored = await transport.read(group);
  // What is recorded now is what is put back one day: an answer that was cut short must not become the
  // record.
  if (stored !== (await transport.read(group))) {
    throw new Error(`Two looks at the configuration of agent group ${group.name} differ; run this again.`);
  }
  return explained(group, () => record(format, group.id, stored, keys, earlier));
}

/** What would change, without changing it. */
export async function preview(transport: Transport, spec: Spec): Promise<Report> {
  const format = await transport.configFormat();
  const group = await findGroup(transport, spec.group);
  const stored = await transport.read(group);
  const values = desired(format, spec.integration);
  const { changes } = await explained(group, () => {
    // For what it refuses: an up would refuse it as well.
    record(
      format,
      group.id,
      stored,
      values.map(([key]) => key),
    );
    return merged(format, group.id, stored, values);
  });
  return {
    changes,
    sentences: changes.map(
      (change) =>
        `${inWords(group, change)} would change${change.restarts ? ", which restarts the agents of the group" : " in writing only"}.`,
    ),
  };
}

/**
 * Makes the group's configuration say what a stack wants, with everything else in it as it is. Writes nothing
 * where nothing would change.
 *
 * @param earlier what this stack wrote before, so that settings that it no longer manages are put back.
 */
export async function apply(
  transport: Transport,
  spec: Spec,
  record: BeforeRecord,
  earlier?: Written,
): Promise<{ written: Written; report: Report }> {
  const format = await transport.configFormat();
  const group = await findGroup(transport, spec.group);
  const values = desired(format, spec.integration);
  const managed = new Set(values.map(([key]) => key));
  const dropped = entries(earlier?.values ?? {}).filter(([key]) => !managed.has(key));

  const changes = await write(transport, group, format, (stored) => {
    const back = stored === undefined ? undefined : restored(format, stored, dropped, record);
    const base = back ? back.text : stored;
    const { text, changes } = merged(format, group.id, base, values);
    return {
      text: text === "" && base === undefined ? undefined : text,
      changes: [...(back?.changes ?? []), ...changes],
    };
  });
  return {
    written: { groupId: group.id, values: Object.fromEntries(values) },
    report: {
      changes,
      sentences: changes.map(
        (change) =>
          `${inWords(group, change)} has changed${change.restarts ? "; the agents of the group restart" : " in writing only"}.`,
      ),
    },
  };
}

/** Puts back what was there before, for those settings that still hold what was written. */
export async function restore(transport: Transport, written: Written, record: BeforeRecord): Promise<Report> {
  const format = await transport.configFormat();
  const groups = await transport.groups();
  const group = groups.find(({ id }) => id === written.groupId);
  if (!group)
    return {
      changes: [],
      sentences: [`The agent group ${written.groupId} is gone; there is nothing to put back.`],
    };
  let left: string[] = [];
  const changes = await write(transport, group, format, (stored) => {
    if (stored === undefined) return { text: undefined, changes: [] };
    const back = restored(format, stored, entries(written.values), record);
    left = back.left.map(
      ({ key, value }) =>
        `${key} in agent group ${group.name} is ${show(value)} now, which somebody else wrote; it stays.`,
    );
    return back;
  });
  return {
    changes,
    sentences: [...changes.map((change) => `${inWords(group, change)} is as it was before.`), ...left],
  };
}

/** Reads, edits, makes sure that nobody wrote meanwhile, writes, reads back and compares. */
async function write(
  transport: Transport,
  group: Group,
  format: AgentConfigFormat,
  edit: (stored: string | undefined) => { readonly text: string | undefined; readonly changes: Change[] },
): Promise<Change[]> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await transport.read(group);
    const { text, changes } = await explained(group, () => edit(stored));
    const isUnchanged = text === stored || (text === "" && stored === undefined);
    if (isUnchanged && stored !== undefined) return changes;
    // An old server whose database is going away says that there is no configuration, so nothing is believed
    // at once.
    if ((await transport.read(group)) !== stored) continue;
    if (isUnchanged) return changes;
    // An empty file would be stored as null; an empty map says the same as nothing.
    const sent = text === "" ? "{}" : text;
    if (sent === undefined) await transport.remove(group);
    else if (stored === undefined) await transport.create(group, sent);
    else await transport.update(group, sent);
    const now = await transport.read(group);
    if (!isSame(format, sent, now)) {
      throw new Error(
        `The configuration of agent group ${group.name} is not what was just written; look at it before running this again.`,
      );
    }
    return changes;
  }
  throw new Error(
    `Somebody keeps writing the configuration of agent group ${group.name}; run this again when they are done.`,
  );
}

/** The new server stores what it gets to the letter; the old one writes the same values anew. */
function isSame(format: AgentConfigFormat, sent: string | undefined, now: string | undefined): boolean {
  if (format.name === "new" || sent === undefined || now === undefined) return sent === now;
  const values = (text: string) => {
    const entries = Object.entries(loadAll(text)[0] ?? {});
    return Object.fromEntries(entries.filter(([key]) => !format.own.includes(key)));
  };
  return isDeepStrictEqual(values(sent), values(now));
}

async function explained<T>(group: Group, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UneditableError)) throw error;
    throw new Error(
      `The configuration of agent group ${group.name} is left alone, because ${error.message}; ${error.fix} with deepflow-ctl agent-group-config update, then run this again.`,
      { cause: error },
    );
  }
}

function inWords(group: Group, { key, from, to }: Change): string {
  return `${key} in agent group ${group.name} (${show(from)} → ${show(to)})`;
}

function show(value: Value | undefined): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}

function entries(values: Written["values"]): [Key, Value][] {
  return Object.entries(values) as [Key, Value][];
}
