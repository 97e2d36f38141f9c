import { randomUUID } from "node:crypto";
import { legacyText, parseLegacyConfig } from "./legacy-config.ts";
import type { LegacyConfig } from "./legacy-config.ts";

/** A group of agents to start with. */
export interface GroupOptions {
  name: string;
  /** By default `g-` and ten characters that nobody can know, as after an installation. */
  id?: string;
  /** The text of its configuration, byte for byte; null, the default, for none at all. */
  config?: string | null;
}

export interface Group {
  /** Its number; 1 is the default group. */
  id: number;
  name: string;
  /** What users call its id. */
  shortUuid: string;
  lcuuid: string;
  updatedAt: Date;
}

export interface ConfigRow {
  lcuuid: string;
  groupLcuuid: string;
  /** There is no NULL here: the server reads it as an empty text. */
  yaml: string;
  createdAt: Date;
  updatedAt: Date;
}

export interface LegacyRow {
  lcuuid: string;
  groupLcuuid: string;
  config: LegacyConfig;
}

/**
 * The tables of DeepFlow's server that have to do with configurations, by id; both languages have one of
 * their own.
 */
export interface ControllerStore {
  groups: Group[];
  configs: ConfigRow[];
  legacyConfigs: LegacyRow[];
}

/** A store with these groups, the first of which is the default group. */
export function createStore(groups: readonly GroupOptions[], table: "new" | "legacy"): ControllerStore {
  const store: ControllerStore = { groups: [], configs: [], legacyConfigs: [] };
  for (const { name, id, config = null } of groups) {
    const group = addGroup(store, name, id);
    if (table === "new") setConfig(store, group, config);
    else setLegacyConfig(store, group, config === null ? null : parseLegacyConfig(config).config);
  }
  return store;
}

export function addGroup(store: ControllerStore, name: string, shortUuid = newShortUuid()): Group {
  const id = Math.max(0, ...store.groups.map(({ id }) => id)) + 1;
  const group = { id, name, shortUuid, lcuuid: randomUUID(), updatedAt: new Date() };
  store.groups.push(group);
  return group;
}

function newShortUuid(): string {
  return `g-${randomUUID().replaceAll("-", "").slice(0, 10)}`;
}

/** Removes the group and its configurations. */
export function removeGroup(store: ControllerStore, { lcuuid }: Group): void {
  store.groups = store.groups.filter((group) => group.lcuuid !== lcuuid);
  removeConfigs(store, lcuuid);
}

/** Removes the configurations of a group, in both languages. */
export function removeConfigs(store: ControllerStore, groupLcuuid: string): void {
  store.configs = store.configs.filter((row) => row.groupLcuuid !== groupLcuuid);
  store.legacyConfigs = store.legacyConfigs.filter((row) => row.groupLcuuid !== groupLcuuid);
}

/** As the database compares names and ids of groups: `DEFAULT` is `default`. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The default group first, then the newest. */
export function groupsInOrder({ groups }: ControllerStore): Group[] {
  return groups.toSorted((a, b) => (a.id === 1 ? -1 : b.id === 1 ? 1 : b.id - a.id));
}

/**
 * The group of that id, or the only one of that name.
 *
 * @throws Error, a sentence, where there is none or more than one.
 */
export function groupOf({ groups }: ControllerStore, nameOrId: string): Group {
  const byId = groups.filter(({ shortUuid }) => shortUuid === nameOrId);
  const [group, ...others] = byId.length > 0 ? byId : groups.filter(({ name }) => name === nameOrId);
  if (group === undefined) throw new Error(`The controller has no group ${nameOrId}.`);
  if (others.length > 0) throw new Error(`The controller has several groups ${nameOrId}; use an id.`);
  return group;
}

/** Puts a text in place of the one there is; null removes it. */
export function setConfig(store: ControllerStore, group: Group, yaml: string | null): void {
  const row = configOf(store, group.lcuuid);
  if (yaml === null) store.configs = store.configs.filter(({ groupLcuuid }) => groupLcuuid !== group.lcuuid);
  else if (row !== undefined) Object.assign(row, { yaml, updatedAt: new Date() });
  else addConfig(store, group, yaml);
}

/** A row more, which the database does not refuse where there is one already. */
export function addConfig(store: ControllerStore, { lcuuid }: Group, yaml: string): void {
  const now = new Date();
  store.configs.push({ lcuuid: randomUUID(), groupLcuuid: lcuuid, yaml, createdAt: now, updatedAt: now });
}

export function setLegacyConfig(
  store: ControllerStore,
  { lcuuid }: Group,
  config: LegacyConfig | null,
): void {
  const row = legacyConfigOf(store, lcuuid);
  if (config === null) store.legacyConfigs = store.legacyConfigs.filter((other) => other !== row);
  else if (row !== undefined) row.config = config;
  else store.legacyConfigs.push({ lcuuid: randomUUID(), groupLcuuid: lcuuid, config });
}

/** Of several rows the one with the lowest id. */
export function configOf({ configs }: ControllerStore, groupLcuuid: string): ConfigRow | undefined {
  return configs.find((row) => row.groupLcuuid === groupLcuuid);
}

export function legacyConfigOf(
  { legacyConfigs }: ControllerStore,
  groupLcuuid: string,
): LegacyRow | undefined {
  return legacyConfigs.find((row) => row.groupLcuuid === groupLcuuid);
}

/** What a group's legacy configuration reads as; null where it has none. */
export function legacyTextOf(store: ControllerStore, { lcuuid, shortUuid }: Group): string | null {
  const row = legacyConfigOf(store, lcuuid);
  return row === undefined ? null : legacyText(shortUuid, row.config);
}
