import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { notFound } from "./controller-answer.ts";
import { answerWithoutDatabase, send, takeFault, takesEffect } from "./controller-faults.ts";
import type { FaultRule } from "./controller-faults.ts";
import type { Agent } from "./controller-groups.ts";
import { answerOf, routesOf } from "./controller-routes.ts";
import type { ControllerGeneration } from "./controller-routes.ts";
import { addConfig, addGroup, configOf, createStore, groupOf, legacyTextOf } from "./controller-store.ts";
import { setConfig, setLegacyConfig } from "./controller-store.ts";
import type { Group, GroupOptions } from "./controller-store.ts";
import { parseLegacyConfig } from "./legacy-config.ts";
import { listen } from "./listen.ts";

export type { Fault, FaultRule } from "./controller-faults.ts";
export type { Agent } from "./controller-groups.ts";
export type { ControllerGeneration } from "./controller-routes.ts";
export type { Group, GroupOptions } from "./controller-store.ts";

export interface ControllerOptions {
  /** By default 127.0.0.1. */
  address?: string;
  /** By default any free one; DeepFlow's is 20417, and 30417 on the nodes. */
  port?: number;
  generation?: ControllerGeneration;
  /** The first is the default group; by default there is only that, without a configuration. */
  groups?: readonly GroupOptions[];
  agents?: readonly Agent[];
  /** Called with every request before it takes effect, and waited for. */
  onRequest?: (request: RecordedRequest) => void | Promise<void>;
}

export interface RecordedRequest {
  method: string;
  /** With the query. */
  path: string;
  body: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A running stand-in. Groups are named by their id, or by their name where that is clear. */
export interface Controller {
  url: string;
  host: string;
  port: number;
  /**
   * The text of a group's configuration, byte for byte; null where it has none. For `old`, what it reads as.
   */
  stored: (group: string) => string | null;
  /** As `stored`, for the table of flat keys that newer servers have besides. */
  legacyStored: (group: string) => string | null;
  /** Puts a text in place of what is stored, without a check; null removes it. */
  setStored: (group: string, text: string | null) => void;
  /** A row more for a group that has one; the server reads and writes the first. Not for `old`. */
  addConfig: (group: string, text: string) => void;
  /** The group's id. */
  groupId: (group: string) => string;
  addGroup: (name: string, id?: string) => Group;
  requests: RecordedRequest[];
  /** What is to go wrong: push a rule to hit the next matching request. */
  faults: FaultRule[];
  onRequest: ((request: RecordedRequest) => void | Promise<void>) | undefined;
  /** Stops at once, hanging requests included. */
  stop: () => Promise<void>;
}

/**
 * The HTTP API of DeepFlow's controller, as far as deepflow-ctl uses it for groups of agents and their
 * configurations, as strict as DeepFlow's (server/controller/http of deepflowio/deepflow, read at 2026e9de
 * and v6.5.9).
 *
 * @throws Error when the address cannot be listened on.
 */
export async function startController(options: ControllerOptions = {}): Promise<Controller> {
  const { address = "127.0.0.1", port = 0, generation = "new", agents = [] } = options;
  const legacy = generation === "old";
  const store = createStore(options.groups ?? [{ name: "default" }], legacy ? "legacy" : "new");
  const routes = routesOf(generation, store, agents);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    // A BOM stays, which a decoder would take away.
    const body = (await buffer(request)).toString();
    const recorded = { method, path: url, body, headers };
    controller.requests.push(recorded);
    await controller.onRequest?.(recorded);
    const fault = takeFault(controller.faults, method, url);
    // Latin-1 is how Node.js passes on bytes of a path that are none of ASCII.
    const path = Buffer.from(url, "latin1").toString();
    const usual = takesEffect(fault) || method === "GET" ? answerOf(routes, method, path, body) : notFound;
    send(response, fault?.type === "databaseAway" ? answerWithoutDatabase(method, url, usual) : usual, fault);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, address, port);
  const controller: Controller = {
    url: `http://${address}:${listening.port}`,
    host: address,
    port: listening.port,
    stored: (name) => {
      const group = groupOf(store, name);
      return legacy ? legacyTextOf(store, group) : (configOf(store, group.lcuuid)?.yaml ?? null);
    },
    legacyStored: (name) => legacyTextOf(store, groupOf(store, name)),
    setStored: (name, yaml) => {
      const group = groupOf(store, name);
      if (!legacy) setConfig(store, group, yaml);
      else setLegacyConfig(store, group, yaml === null ? null : parseLegacyConfig(yaml).config);
    },
    addConfig: (name, yaml) => {
      addConfig(store, groupOf(store, name), yaml);
    },
    groupId: (name) => groupOf(store, name).shortUuid,
    addGroup: (name, id) => addGroup(store, name, id),
    requests: [],
    faults: [],
    onRequest: options.onRequest,
    stop: listening.stop,
  };
  return controller;
}
