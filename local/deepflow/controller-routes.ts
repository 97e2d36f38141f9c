import { notFound, redirect, success } from "./controller-answer.ts";
import type { Answer, ControllerRequest } from "./controller-answer.ts";
import * as configs from "./controller-configs.ts";
import { createGroup, deleteGroup, listAgents, listGroups, noGroup } from "./controller-groups.ts";
import type { Agent } from "./controller-groups.ts";
import type { ControllerStore } from "./controller-store.ts";

/**
 * Which server is played: `new` is v7.1.6 and later; `v7.1.5` one from v6.6.9 to there, which lists
 * configurations at another path; `old` one before v6.6.9, which knows nothing but flat keys.
 */
export type ControllerGeneration = "new" | "v7.1.5" | "old";

type Handler = (request: ControllerRequest) => Answer;

export interface Route {
  method: string;
  /** With `:name` for variable parts. */
  path: string;
  handler: Handler;
}

/**
 * The routes of a generation (server/controller/http/router): `vtap_group.go`, `agent/agent_group_config.go`
 * and `vtap_group_config.go`, which newer servers have as well. The `/json` variants are left out.
 */
export function routesOf(
  generation: ControllerGeneration,
  store: ControllerStore,
  agents: readonly Agent[],
): Route[] {
  const route = (
    line: string,
    act: (store: ControllerStore, request: ControllerRequest) => Answer,
  ): Route => {
    const [method = "", path = ""] = line.split(" ");
    return { method, path, handler: (request) => act(store, request) };
  };
  const legacy = "/v1/vtap-group-configuration";
  const config = "/v1/agent-group-configuration";
  const common = [
    route("GET /v1/health/", () => success(null)),
    route("GET /v1/vtaps/", (store, { query }) => listAgents(agents, store, query)),
    route("GET /v1/vtap-groups/", listGroups),
    route("POST /v1/vtap-groups/", (store, request) =>
      createGroup(store, request, generation === "old" ? null : noGroup),
    ),
    route("DELETE /v1/vtap-groups/:lcuuid/", deleteGroup),
    route(`GET ${legacy}/example/`, configs.readLegacyExample),
    route(`GET ${legacy}/`, configs.listLegacyConfigs),
    route(`GET ${legacy}/advanced/`, configs.listLegacyTexts),
    route(`POST ${legacy}/advanced/`, configs.createLegacyConfig),
    route(`PATCH ${legacy}/advanced/:lcuuid/`, configs.updateLegacyConfig),
    route(`GET ${legacy}/filter/`, configs.readLegacyConfig),
    route(`DELETE ${legacy}/filter/`, configs.deleteLegacyConfig),
  ];
  if (generation === "old") return common;
  return [
    ...common,
    route(`GET ${config}/template/yaml`, configs.readTemplate),
    route(generation === "new" ? `GET ${config}s` : `GET ${config}/yaml`, configs.listConfigs),
    route(`GET ${config}/:group/yaml`, configs.readConfig),
    route(`POST ${config}/:group/yaml`, configs.createConfig),
    route(`PUT ${config}/:group/yaml`, configs.updateConfig),
    route(`DELETE ${config}/:group`, configs.deleteConfig),
  ];
}

/**
 * What the first route that fits answers; a redirect where one would fit with a slash at its end more or
 * less, and else 404, also for a method that a path does not have.
 */
export function answerOf(routes: readonly Route[], method: string, url: string, body: string): Answer {
  const [path = "", search = ""] = url.split(/\?(.*)/s);
  const find = (path: string): (() => Answer) | undefined => {
    for (const route of routes) {
      const params = route.method === method ? match(route.path, path) : undefined;
      if (params) return () => route.handler({ params, query: new URLSearchParams(search), body });
    }
    return undefined;
  };
  const answer = find(path);
  if (answer) return answer();
  const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
  return find(other) ? redirect(method, other + url.slice(path.length)) : notFound;
}

/**
 * The values of a pattern's variables, which may be empty as gin's may; undefined where the path does not
 * fit.
 */
function match(pattern: string, path: string): Record<string, string> | undefined {
  const [names, parts] = [pattern.split("/"), path.split("/")];
  if (names.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? "";
    if (name.startsWith(":")) params[name.slice(1)] = part;
    else if (name !== part) return undefined;
  }
  return params;
}
