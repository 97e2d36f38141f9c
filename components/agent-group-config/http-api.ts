import { z } from "zod";
import { generations, type Generation } from "./generations.ts";
import type { Controller, Group, Transport } from "./transport.ts";

const answer = z.object({ OPT_STATUS: z.string(), DESCRIPTION: z.string().default(""), DATA: z.unknown() });
const groupList = z
  .array(z.object({ NAME: z.string(), SHORT_UUID: z.string(), LCUUID: z.string() }))
  .nullable();

const absent = /record not found|configuration not found/;

/**
 * DeepFlow's controller by its HTTP API, for those who have no `deepflow-ctl`: the same routes that the tool uses (deepflow
 * `cli/ctl/agent_group_config.go`), with status codes that mean something. It speaks to servers of the new generation.
 */
export function httpApi({ host, port, timeoutSeconds }: Controller): Transport {
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
      const { cause, message } = error as Error;
      throw new Error(
        `${method} ${base}${path} failed: ${cause instanceof Error ? cause.message : message}.`,
        { cause: error },
      );
    }
  }

  /** The DATA of an answer that says that it succeeded. */
  async function ask(method: string, path: string, body?: string): Promise<unknown> {
    const { status, text } = await call(method, path, body);
    const parsed = answer.safeParse(json(text));
    if (parsed.success && status === 200 && parsed.data.OPT_STATUS === "SUCCESS") return parsed.data.DATA;
    throw refused(method, path, status, parsed.data?.DESCRIPTION ?? text);
  }

  function refused(method: string, path: string, status: number, said: string): Error {
    return new Error(
      `${method} ${base}${path} answered ${status}: ${said.trim().slice(0, 300) || "nothing"}`,
    );
  }

  const path = ({ lcuuid }: Group) => `/v1/agent-group-configuration/${lcuuid}`;

  return {
    async generation(): Promise<Generation> {
      const template = "/v1/agent-group-configuration/template/yaml";
      const { status, text } = await call("GET", template);
      if (status === 200) return generations.new;
      if (status !== 404) throw refused("GET", template, status, text);
      throw new Error(
        `The server at ${host}:${port} has no configuration template, so it is an older one; set agentGroup.transport to deepflow-ctl.`,
      );
    },
    async groups() {
      const parsed = groupList.parse(await ask("GET", "/v1/vtap-groups/"));
      return (parsed ?? []).map(({ NAME, SHORT_UUID, LCUUID }) => ({
        name: NAME,
        id: SHORT_UUID,
        lcuuid: LCUUID,
      }));
    },
    async read(group) {
      try {
        return z.string().parse(await ask("GET", `${path(group)}/yaml`));
      } catch (error) {
        if (error instanceof Error && absent.test(error.message)) return undefined;
        throw error;
      }
    },
    async create(group, text) {
      await ask("POST", `${path(group)}/yaml`, text);
    },
    async update(group, text) {
      await ask("PUT", `${path(group)}/yaml`, text);
    },
    async remove(group) {
      await ask("DELETE", path(group));
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
