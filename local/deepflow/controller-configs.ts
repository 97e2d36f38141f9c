import { errorMessage } from "../cluster/terminal/error-message.ts";
import { agentConfigTemplate, refusalOf } from "./agent-config-validation.ts";
import { failure, panicked, success } from "./controller-answer.ts";
import type { Answer, ControllerRequest } from "./controller-answer.ts";
import { configOf, legacyTextOf, removeConfigs, setConfig, setLegacyConfig } from "./controller-store.ts";
import type { ConfigRow, ControllerStore, Group } from "./controller-store.ts";
import { legacyConfigExample, legacyFields, parseLegacyConfig, yamlText } from "./legacy-config.ts";
import type { LegacyConfig } from "./legacy-config.ts";

/** What GORM says of a row that is not there. */
const recordNotFound = "record not found";

export function readTemplate(): Answer {
  return success(agentConfigTemplate);
}

export function readConfig(store: ControllerStore, { params }: ControllerRequest): Answer {
  const row = configOf(store, params["group"] ?? "");
  return row === undefined ? failure(recordNotFound) : success(row.yaml);
}

/** The rows of all groups that have a configuration, or of one. */
export function listConfigs(store: ControllerStore, { query }: ControllerRequest): Answer {
  const group = query.get("agent_group_lcuuid") ?? "";
  const rows = store.configs.filter((row) => group === "" || row.groupLcuuid === group);
  // A nil slice of Go.
  return success(rows.length === 0 ? null : rows.map(configView));
}

function configView(row: ConfigRow, index: number): object {
  return {
    ID: index + 1,
    LCUUID: row.lcuuid,
    AGENT_GROUP_LCUUID: row.groupLcuuid,
    YAML: row.yaml,
    CREATED_AT: row.createdAt,
    UPDATED_AT: row.updatedAt,
  };
}

/** Replaces what there is, in silence; the text that was replaced is not looked at. */
export function createConfig(store: ControllerStore, request: ControllerRequest): Answer {
  const group = groupOfRequest(store, request);
  if (group === undefined) return failure(recordNotFound);
  const refusal = refusalOfText(request.body);
  if (refusal !== undefined) return failure(refusal);
  const existed = configOf(store, group.lcuuid) !== undefined;
  setConfig(store, group, request.body);
  return success(existed ? request.body : "");
}

/** Replaces the whole text, which has to be there. */
export function updateConfig(store: ControllerStore, request: ControllerRequest): Answer {
  const group = groupOfRequest(store, request);
  if (group === undefined) return failure(recordNotFound);
  const refusal = refusalOfText(request.body);
  if (refusal !== undefined) return failure(refusal);
  if (configOf(store, group.lcuuid) === undefined) return failure(recordNotFound);
  setConfig(store, group, request.body);
  return success(request.body);
}

/** Succeeds whatever there is; the legacy configuration goes with it. */
export function deleteConfig(store: ControllerStore, { params }: ControllerRequest): Answer {
  removeConfigs(store, params["group"] ?? "");
  return success(null);
}

/**
 * Why a text cannot be stored, if so: the server looks at it first, and then the database, whose utf8 has
 * three bytes.
 */
function refusalOfText(text: string): string | undefined {
  const reason = refusalOf(text);
  if (reason !== undefined) return `yaml validate failed: ${reason}, please check the yaml format`;
  const [character] = /[\u{10000}-\u{10ffff}]/u.exec(text) ?? [];
  if (character === undefined) return undefined;
  const bytes = Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).toUpperCase()}`).join(
    "",
  );
  return `Error 1366 (HY000): Incorrect string value: '${bytes}...' for column 'yaml' at row 1`;
}

function groupOfRequest({ groups }: ControllerStore, { params }: ControllerRequest): Group | undefined {
  return groups.find(({ lcuuid }) => lcuuid === params["group"]);
}

export function readLegacyExample(): Answer {
  return success(legacyConfigExample);
}

export function listLegacyConfigs(store: ControllerStore, { query }: ControllerRequest): Answer {
  const id = query.get("vtap_group_id");
  const views = store.legacyConfigs.flatMap((row) => {
    const group = store.groups.find(({ lcuuid }) => lcuuid === row.groupLcuuid);
    if (group === undefined || (id !== null && group.shortUuid !== id)) return [];
    const values = legacyFields.map((key) => [key.toUpperCase(), row.config[key] ?? null] as const);
    return [
      {
        ...Object.fromEntries<unknown>(values),
        VTAP_GROUP_ID: group.shortUuid,
        VTAP_GROUP_LCUUID: group.lcuuid,
        VTAP_GROUP_NAME: group.name,
        LCUUID: row.lcuuid,
      },
    ];
  });
  return success(views);
}

/** The texts of all groups that have one. */
export function listLegacyTexts(store: ControllerStore): Answer {
  const texts = store.legacyConfigs.map((row) => {
    const group = store.groups.find(({ lcuuid }) => lcuuid === row.groupLcuuid);
    return group === undefined ? "" : legacyTextOf(store, group);
  });
  return success(texts);
}

export function readLegacyConfig(store: ControllerStore, { query }: ControllerRequest): Answer {
  return ofLegacyGroup(store, query, (_, text) => success(text));
}

export function deleteLegacyConfig(store: ControllerStore, { query }: ControllerRequest): Answer {
  return ofLegacyGroup(store, query, (group, text) => {
    setLegacyConfig(store, group, null);
    return success(text);
  });
}

function ofLegacyGroup(
  store: ControllerStore,
  query: URLSearchParams,
  act: (group: Group, text: string) => Answer,
): Answer {
  const id = query.get("vtap_group_id") ?? "";
  if (id === "") return failure("short uuid is None");
  const group = store.groups.find(({ shortUuid }) => shortUuid === id);
  if (group === undefined) return failure(`vtap group(short_uuid=${id}) not found`);
  const text = legacyTextOf(store, group);
  return text === null ? failure(`vtap group(short_uuid=${id}) configuration not found`) : act(group, text);
}

/** Needs the group's id in the text, and no configuration yet. */
export function createLegacyConfig(store: ControllerStore, { body }: ControllerRequest): Answer {
  // Only the update lets a body without a document pass.
  if (body.split("\n").every((line) => /^\s*(#|$)/.test(line))) return failure("EOF", null);
  return withLegacyBody(body, (id, config) => {
    if (id === undefined) return failure("vtap_group_id is None");
    const group = store.groups.find(({ shortUuid }) => shortUuid === id);
    if (group === undefined) return failure(`vtap group(short_uuid=${id}) not found`);
    if (legacyTextOf(store, group) !== null)
      return failure(`vtap group(short_uuid=${id}) configuration already exist`);
    setLegacyConfig(store, group, config);
    return success(legacyTextOf(store, group));
  });
}

/** Though it is a PATCH, keys that are not in the text are lost. */
export function updateLegacyConfig(store: ControllerStore, { params, body }: ControllerRequest): Answer {
  return withLegacyBody(body, (_, config) => {
    const { lcuuid = "" } = params;
    const row = store.legacyConfigs.find((row) => row.lcuuid === lcuuid);
    if (row === undefined) return failure(`vtap group configuration(${lcuuid}) not found`);
    row.config = config;
    return success(Object.keys(config).length === 0 ? "" : yamlText(config));
  });
}

function withLegacyBody(body: string, act: (id: string | undefined, config: LegacyConfig) => Answer): Answer {
  // Reading null makes the pointer nil that the service then follows.
  if (/^\s*(null|~)\s*$/.test(body)) return panicked;
  try {
    const { group, config } = parseLegacyConfig(body);
    return act(group, config);
  } catch (error) {
    return failure(errorMessage(error), null);
  }
}
