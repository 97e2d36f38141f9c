import { z } from "zod";
import { errorMessage } from "../error-message.ts";
import { agentConfigFormats, type AgentConfigFormat } from "./agent-config-format.ts";
import type { Controller } from "./messages.ts";
import { absent, groupList, groupsOf, reachHint, type Group, type Transport } from "./transport.ts";

const answer = z.object({ OPT_STATUS: z.string(), DESCRIPTION: z.string().default(""), DATA: z.unknown() });
const legacyRows = z.tuple([z.object({ LCUUID: z.string() })]);

const current = "/v1/agent-group-configuration";
const legacy = "/v1/vtap-group-configuration";

/**
 * DeepFlow's controller by its HTTP API, for those who have no `deepflow-ctl`: the same routes that the tool
 * uses (deepflow `cli/ctl/agent_group_config.go`, at main and at v6.5.9), with status codes that mean
 * something.
 */
export function httpApi(controller: Controller): Transport {
  const { host, port, timeoutSeconds } = controller;
  const base = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

  async function call(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(base + path, {
        method,
        headers: { "X-User-Id": "1", "X-User-Type": "1", "X-Org-Id": "1" },
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
        ...(body !== undefined && { body }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const { cause } = error as Error;
      throw new Error(`${method} ${base}${path} failed: ${errorMessage(cause ?? error)}; ${reachHint}.`, {
        cause: error,
      });
    }
  }

  /** The DATA of an answer that says that it succeeded. */
  async function ask(method: string, path: string, body?: string): Promise<unknown> {
    const { status, text } = await call(method, path, body);
    const parsed = answer.safeParse(json(text));
    if (parsed.success && status === 200 && parsed.data.OPT_STATUS === "SUCCESS") return parsed.data.DATA;
    throw refused(method, path, status, parsed.data?.DESCRIPTION ?? text);
  }

  async function get<T>(schema: z.ZodType<T>, path: string): Promise<T> {
    const data = await ask("GET", path);
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    throw refused("GET", path, 200, `DATA is ${JSON.stringify(data)}`);
  }

  function refused(method: string, path: string, status: number, said: string): Error {
    return new Error(
      `${method} ${base}${path} answered ${status}: ${said.trim().slice(0, 300) || "nothing"}`,
    );
  }

  let known: Promise<AgentConfigFormat> | undefined;
  function format(): Promise<AgentConfigFormat> {
    return (known ??= findGeneration());
  }

  /** New servers still have the old routes, which lead to nothing there: the new ones are asked for first. */
  async function findGeneration(): Promise<AgentConfigFormat> {
    for (const [name, example] of [
      ["new", "/v1/agent-group-configuration/template/yaml"],
      ["old", `${legacy}/example/`],
    ] as const) {
      const { status, text } = await call("GET", example);
      if (status === 200) return agentConfigFormats[name];
      if (status !== 404) throw refused("GET", example, status, text);
    }
    throw new Error(
      `The server at ${host}:${port} has no agent groups, so it is no deepflow-server; check agentGroup.controller.`,
    );
  }

  const routes = {
    new: {
      read: ({ lcuuid }: Group) => get(z.string(), `${current}/${lcuuid}/yaml`),
      create: ({ lcuuid }: Group, text: string) => ask("POST", `${current}/${lcuuid}/yaml`, text),
      update: ({ lcuuid }: Group, text: string) => ask("PUT", `${current}/${lcuuid}/yaml`, text),
      remove: ({ lcuuid }: Group) => ask("DELETE", `${current}/${lcuuid}`),
    },
    // Here the text names its group, and a row has a key of its own.
    old: {
      read: ({ id }: Group) => get(z.string(), `${legacy}/filter/?vtap_group_id=${id}`),
      create: (_: Group, text: string) => ask("POST", `${legacy}/advanced/`, text),
      update: async ({ id }: Group, text: string) => {
        const [row] = await get(legacyRows, `${legacy}/?vtap_group_id=${id}`);
        return ask("PATCH", `${legacy}/advanced/${row.LCUUID}/`, text);
      },
      remove: ({ id }: Group) => ask("DELETE", `${legacy}/filter/?vtap_group_id=${id}`),
    },
  };
  const route = async () => routes[(await format()).name];

  return {
    configFormat: format,
    async groups() {
      return groupsOf(await get(groupList, "/v1/vtap-groups/"), controller);
    },
    async read(group) {
      try {
        return await (await route()).read(group);
      } catch (error) {
        if (error instanceof Error && absent.test(error.message)) return undefined;
        throw error;
      }
    },
    async create(group, text) {
      await (await route()).create(group, text);
    },
    async update(group, text) {
      await (await route()).update(group, text);
    },
    async remove(group) {
      await (await route()).remove(group);
    },
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
