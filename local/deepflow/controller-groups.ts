import { failure, success } from "./controller-answer.ts";
import type { Answer, ControllerRequest } from "./controller-answer.ts";
import { addGroup, groupsInOrder, isSameName, removeGroup } from "./controller-store.ts";
import type { ControllerStore, Group } from "./controller-store.ts";

/** An agent, as far as `agent list` tells of it. */
export interface Agent {
  name: string;
  /** Name of its group. */
  group: string;
  /** Bits of the agent's exceptions (message/agent.proto), such as 262144 for a port that is in use. */
  exceptions?: number[];
  /** 0 lost, 1 running, which is the default, 2 disabled, 3 pending. */
  state?: number;
}

export function listGroups(store: ControllerStore, { query }: ControllerRequest): Answer {
  const [name, id] = [query.get("name"), query.get("short_uuid")];
  const groups = groupsInOrder(store).filter(
    (group) =>
      (name === null || isSameName(group.name, name)) && (id === null || isSameName(group.shortUuid, id)),
  );
  // A nil slice of Go.
  return success(groups.length === 0 ? null : groups.map(groupView));
}

export function createGroup(store: ControllerStore, { body }: ControllerRequest, empty: unknown): Answer {
  const fields = jsonFields(body);
  if (fields === undefined) return failure(jsonError(body), null, "INVALID_PARAMETERS");
  const { name = "", group_id: id = "" } = fields;
  if (store.groups.some((group) => isSameName(group.name, name)))
    return failure(`vtap_group name (${name}) already exist`, empty, "RESOURCE_ALREADY_EXIST");
  const refusal = id === "" ? undefined : idRefusal(store, id);
  // The reason arrives wrapped in a second error, as JSON.
  if (refusal !== undefined) return failure(JSON.stringify(refusal), empty, "INVALID_POST_DATA");
  return success(groupView(addGroup(store, name, id === "" ? undefined : id)));
}

function idRefusal(store: ControllerStore, id: string): { Status: string; Message: string } | undefined {
  if (!/^g-[A-Za-z0-9]{10}$/.test(id)) {
    const Message = `id(${id}) invalid, requires g- prefix, number and letter length 10, such as g-1yhIguXABC`;
    return { Status: "INVALID_POST_DATA", Message };
  }
  if (store.groups.some(({ shortUuid }) => isSameName(shortUuid, id)))
    return { Status: "RESOURCE_ALREADY_EXIST", Message: `id(${id}) already exist` };
  return undefined;
}

/** There is no guard for the default group, but without it no other can be deleted. */
export function deleteGroup(store: ControllerStore, { params }: ControllerRequest): Answer {
  const { lcuuid = "" } = params;
  const group = store.groups.find((group) => group.lcuuid === lcuuid);
  if (group === undefined) return failure(`vtap_group (${lcuuid}) not found`, {}, "RESOURCE_NOT_FOUND");
  if (!store.groups.some(({ id }) => id === 1))
    return failure("default vtap_group not found", {}, "RESOURCE_NOT_FOUND");
  removeGroup(store, group);
  return success({ LCUUID: lcuuid });
}

export function listAgents(agents: readonly Agent[], store: ControllerStore, query: URLSearchParams): Answer {
  const name = query.get("name");
  const chosen = agents.filter((agent) => name === null || agent.name === name);
  return success(chosen.map((agent, index) => agentView(agent, index + 1, store)));
}

/** What Go makes of a group that was not created. */
export const noGroup = {
  ID: 0,
  NAME: "",
  UPDATED_AT: "",
  SHORT_UUID: "",
  LCUUID: "",
  TEAM_ID: 0,
  USER_ID: 0,
  VTAP_LCUUIDS: null,
  DISABLE_VTAP_LCUUIDS: null,
  PENDING_VTAP_LCUUIDS: null,
  LICENSE_FUNCTIONS: null,
};

function groupView(group: Group): object {
  return {
    ID: group.id,
    NAME: group.name,
    UPDATED_AT: timeText(group.updatedAt),
    SHORT_UUID: group.shortUuid,
    LCUUID: group.lcuuid,
    TEAM_ID: 1,
    USER_ID: 1,
    VTAP_LCUUIDS: [],
    DISABLE_VTAP_LCUUIDS: [],
    PENDING_VTAP_LCUUIDS: [],
    // An installation gives the default group none.
    LICENSE_FUNCTIONS: group.id === 1 ? [] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  };
}

function agentView(
  { name, group, exceptions = [], state = 1 }: Agent,
  id: number,
  store: ControllerStore,
): object {
  return {
    ID: id,
    NAME: name,
    // A Kubernetes node on a virtual machine.
    TYPE: 8,
    STATE: state,
    CTRL_IP: "10.0.0.1",
    CTRL_MAC: "02:00:00:00:00:01",
    VTAP_GROUP_NAME: group,
    VTAP_GROUP_LCUUID: store.groups.find((other) => other.name === group)?.lcuuid ?? "",
    EXCEPTIONS: exceptions,
    REVISION: "stand-in",
    UPGRADE_REVISION: "",
    POD_CLUSTER_NAME: "",
  };
}

/** `2006-01-02 15:04:05`, as Go names that form. */
export function timeText(time: Date): string {
  return time.toISOString().slice(0, 19).replace("T", " ");
}

/** The two fields of a group to create; Go does not look at the case of their names. */
function jsonFields(body: string): { name?: string; group_id?: string } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || Array.isArray(value)) return undefined;
    const strings = Object.entries(value ?? {}).filter(([, item]) => typeof item === "string");
    return Object.fromEntries(strings.map(([key, item]) => [key.toLowerCase(), item as string]));
  } catch {
    return undefined;
  }
}

function jsonError(body: string): string {
  const [character] = body.trimStart();
  return character === undefined ? "EOF" : `invalid character '${character}' looking for beginning of value`;
}
