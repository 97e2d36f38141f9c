#!/usr/bin/env node
/**
 * What the component's Commands run: `npm run --silent agent-group-config -- <verb>`. What to do comes by
 * environment, so that the text of the command is the same on every machine and in every state:
 *
 * - AGENT_GROUP_CONFIG: the `ProgramSpec` as JSON;
 * - AGENT_GROUP_BEFORE: what the verb `before` printed, for `apply`, `restore` and `reconcile`;
 * - PULUMI_COMMAND_STDOUT: what the same command printed the last time, by the Command provider.
 *
 * Standard output is one line of JSON, for the state; sentences for people are on standard error.
 */
import { errorMessage } from "../error-message.ts";
import { isAgentListening } from "./agent-check.ts";
import { deepflowCtl } from "./deepflow-ctl.ts";
import { httpApi } from "./http-api.ts";
import { beforeRecord, programSpec, written } from "./messages.ts";
import { apply, before, preview, restore } from "./reconcile.ts";
import type { Transport } from "./transport.ts";

const verbs: Readonly<Record<string, () => Promise<object>>> = {
  before: async () => before(transport(), spec, previous(beforeRecord)),

  apply: async () => {
    // Without a record this is somebody at a terminal, who needs one to undo it.
    const record = fromEnvironment("AGENT_GROUP_BEFORE", beforeRecord) ?? (await before(transport(), spec));
    const { written: result, report } = await apply(transport(), spec, record, previous(written));
    tell(report.sentences);
    return result;
  },

  restore: async () => {
    const [record, result] = [fromEnvironment("AGENT_GROUP_BEFORE", beforeRecord), previous(written)];
    if (!record || !result) return {};
    tell((await restore(transport(), result, record)).sentences);
    return {};
  },

  preview: async () => {
    try {
      const { changes, sentences } = await preview(transport(), spec);
      tell(sentences);
      return { changes };
    } catch (error) {
      // A preview must work where the controller cannot be reached; it says what it does not know.
      tell([`What would change in the agent group could not be looked up. ${errorMessage(error)}`]);
      return { changes: null };
    }
  },

  reconcile: async () => {
    const record = fromEnvironment("AGENT_GROUP_BEFORE", beforeRecord);
    if (!record) return { changes: null };
    const { report } = await apply(transport(), spec, record);
    tell(report.sentences);
    if (spec.agentUrl !== undefined) {
      const problem = await isAgentListening(spec.agentUrl, report.changes.length > 0);
      if (problem !== undefined) tell([problem]);
    }
    return { changes: report.changes };
  },
};

const [, , verb = "--help"] = process.argv;
if (verb === "--help") {
  console.log(`Usage: npm run agent-group-config -- <${Object.keys(verbs).join("|")}>

What the component AgentGroupConfig runs. What to do comes by environment: AGENT_GROUP_CONFIG and
AGENT_GROUP_BEFORE, as JSON; components/agent-group-config/program.ts says what of.`);
  process.exit();
}
const config = process.env["AGENT_GROUP_CONFIG"];
if (config === undefined) {
  console.error("AGENT_GROUP_CONFIG is missing; set it to what the component gives its Commands, as JSON.");
  process.exit(1);
}
const spec = programSpec.parse(JSON.parse(config));

function transport(): Transport {
  const { controller, deepflowCtl: program } = spec;
  return spec.transport === "http" ? httpApi(controller) : deepflowCtl(program, controller);
}

function previous<T>(schema: { parse(value: unknown): T }): T | undefined {
  return fromEnvironment("PULUMI_COMMAND_STDOUT", schema);
}

function fromEnvironment<T>(name: string, schema: { parse(value: unknown): T }): T | undefined {
  const text = process.env[name];
  return text ? schema.parse(JSON.parse(text)) : undefined;
}

function tell(sentences: readonly string[]): void {
  for (const line of sentences) console.error(line);
}

try {
  const run = verbs[verb];
  if (!run)
    throw new Error(`"${verb}" is nothing that can be done; use one of ${Object.keys(verbs).join(", ")}.`);
  console.log(JSON.stringify(await run()));
} catch (error) {
  console.error(errorMessage(error));
  process.exitCode = 1;
}
