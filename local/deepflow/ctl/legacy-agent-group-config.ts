import type { Command } from "commander";
import { groupCommand, required, subcommand } from "./command.ts";
import { dataOf, itemsOf, readFile, textOf } from "./controller-client.ts";
import type { Server } from "./controller-client.ts";

const path = "/v1/vtap-group-configuration";

/** `agent-group-config` of v6.5.9 (cli/ctl/agent_group_config.go there): the group is named in the file. */
export function legacyAgentGroupConfigCommand(program: Command, server: () => Server): void {
  const ask = (method: string, path: string, file?: Buffer<ArrayBuffer>) =>
    dataOf(server(), method, path, file);

  const group = groupCommand(program, "agent-group-config", "example | list | create | update | delete");
  subcommand(group, "example", "", async () => {
    console.log(textOf(await ask("GET", `${path}/example/`)));
  });
  subcommand(group, "list", "[agent-group ID] -o yaml", async ([id = ""]) => {
    console.log(textOf(await ask("GET", `${path}/filter/?vtap_group_id=${id}`)));
  }).requiredOption("-o, --output <string>", "output format");
  subcommand(group, "create", "-f <filename>", async (_, { filename = "" }) => {
    await ask("POST", `${path}/advanced/`, readFile(filename));
  }).requiredOption("-f, --filename <string>", "file to use create agent-group config");
  subcommand(group, "update", "-f <filename>", async (_, { filename = "" }) => {
    const file = readFile(filename);
    const [, key, id] = /^(agent_group_id|vtap_group_id): *(\S+)/m.exec(file.toString()) ?? [];
    if (key === "vtap_group_id")
      console.log("\u001B[0;0;33mWARNING: use agent_group_id instead of vtap_group_id\u001B[0m");
    if (id === undefined) throw new Error("must specify agent_group_id");
    const [row] = itemsOf(await ask("GET", `${path}/?vtap_group_id=${id}`));
    await ask("PATCH", `${path}/advanced/${textOf(row?.["LCUUID"])}/`, file);
  }).requiredOption("-f, --filename <string>", "file to use update agent-group config");
  subcommand(group, "delete", "[agent-group ID]", async ([id]) => {
    const example = "agent-group-config delete g-xxxxxx";
    await ask("DELETE", `${path}/filter/?vtap_group_id=${required(id, "agent-group ID", example)}`);
  });
}
