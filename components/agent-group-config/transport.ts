import { z } from "zod";
import type { AgentConfigFormat } from "./agent-config-format.ts";
import type { Controller } from "./messages.ts";

/** An agent group, as the controller lists it. */
export interface Group {
  readonly name: string;
  /** `g-` and ten characters; groups of 2022 may lack the prefix. */
  readonly id: string;
  /** The controller's own key for it. */
  readonly lcuuid: string;
}

/**
 * A way to DeepFlow's controller. Every method throws an Error, a sentence, unless the controller has clearly
 * done, or said, what was asked: an exit status of 0 is not enough.
 */
export interface Transport {
  /** Which language this controller speaks, found out by asking. */
  configFormat(): Promise<AgentConfigFormat>;
  groups(): Promise<Group[]>;
  /** The stored text, to the byte; `undefined` only if the controller says that there is none. */
  read(group: Group): Promise<string | undefined>;
  /** Stores the configuration of a group that has none. */
  create(group: Group, text: string): Promise<void>;
  /** Replaces the configuration of a group. The text must not be empty: that would be stored as `null`. */
  update(group: Group, text: string): Promise<void>;
  remove(group: Group): Promise<void>;
}

/** What to do when the controller does not answer; the end of a sentence. */
export const reachHint =
  "check agentGroup.controller: it must be reachable from where Pulumi runs, as a node's address with port 30417, or as 127.0.0.1 with `kubectl port-forward -n deepflow service/deepflow-server 30417:20417`";

/** The controller's list of groups, the same by tool and by HTTP; `null` where it found none. */
export const groupList = z
  .array(z.object({ NAME: z.string(), SHORT_UUID: z.string(), LCUUID: z.string() }))
  .nullable();

/**
 * The groups in the controller's list.
 *
 * @throws Error, a sentence, where there are none: every installation has a group, and a controller whose
 * database is away says in success that there are none (deepflow
 * `server/controller/http/service/vtap_group.go`). Taken for the truth, it would make a destroy believe that
 * there is nothing to put back.
 */
export function groupsOf(list: z.output<typeof groupList>, { host, port }: Controller): Group[] {
  if (list === null || list.length === 0) {
    throw new Error(
      `The controller at ${host}:${port} lists no agent group at all. Every installation has one, so the server's database may be away; run this again when it is back.`,
    );
  }
  return list.map(({ NAME, SHORT_UUID, LCUUID }) => ({ name: NAME, id: SHORT_UUID, lcuuid: LCUUID }));
}

/** What is said where a group has no configuration: by new servers, and by old ones. */
export const absent = /record not found|configuration not found/;
