import type { Command } from "commander";
import { errorMessage } from "../../cluster/terminal/error-message.ts";
import { groupCommand, printTable, required, subcommand } from "./command.ts";
import { dataOf, itemsOf, readFile, textOf } from "./controller-client.ts";
import type { Server } from "./controller-client.ts";

const path = "/v1/agent-group-configuration";

/** `agent-group-config` since v6.6.9 (cli/ctl/agent_group_config.go). */
export function agentGroupConfigCommand(program: Command, server: () => Server): void {
  const ask = (method: string, path: string, file?: Buffer<ArrayBuffer>) =>
    dataOf(server(), method, path, file);

  const lcuuidOf = async (id: string): Promise<string> => {
    const [group] = itemsOf(await ask("GET", `/v1/vtap-groups/?short_uuid=${id}`));
    // The message ends its own line, and is printed as a line.
    if (group === undefined) throw new Error(`agent-group (${id}) not exist\n`);
    return textOf(group["LCUUID"]);
  };

  const printYaml = async (id: string | undefined): Promise<void> => {
    if (id === undefined) throw new Error("Must specify agent group ID");
    console.log(textOf(await ask("GET", `${path}/${await lcuuidOf(id)}/yaml`)));
  };

  const printConfigured = async (id: string | undefined): Promise<void> => {
    const groups = itemsOf(await ask("GET", "/v1/vtap-groups/"));
    const configured = itemsOf(await ask("GET", `${path}s`)).map((row) => row["AGENT_GROUP_LCUUID"]);
    const rows = groups
      .filter((group) => configured.includes(group["LCUUID"]))
      .map((group) => [textOf(group["NAME"]), textOf(group["SHORT_UUID"])])
      .filter(([, shortUuid]) => id === undefined || shortUuid === id);
    printTable(["NAME", "AGENT_GROUP_ID"], rows);
  };

  const write = (
    verb: "create" | "update",
    method: "POST" | "PUT",
    read: (filename: string) => Buffer<ArrayBuffer>,
  ): void => {
    subcommand(group, verb, "<agent-group ID> -f <filename>", async ([id], { filename = "" }) => {
      const example = `agent-group-config ${verb} g-xxxxxx -f deepflow-config.yaml`;
      const lcuuid = await lcuuidOf(required(id, "agent-group ID", example));
      await ask(method, `${path}/${lcuuid}/yaml`, read(filename));
    }).requiredOption("-f, --filename <string>", `file to use ${verb} agent-group config`);
  };

  const group = groupCommand(program, "agent-group-config", "example | list | create | update | delete");
  subcommand(group, "example", "", async () => {
    console.log(textOf(await ask("GET", `${path}/template/yaml`)));
  });
  subcommand(group, "list", "[agent-group ID]", ([id], { output }) =>
    output === "yaml" ? printYaml(id) : printConfigured(id),
  ).option("-o, --output <string>", "output format");
  write("create", "POST", readFileOrNothing);
  write("update", "PUT", readFile);
  subcommand(group, "delete", "<agent-group ID>", async ([id]) => {
    const example = "agent-group-config delete g-xxxxxx";
    await ask("DELETE", `${path}/${await lcuuidOf(required(id, "agent-group ID", example))}`);
  });
}

/** What `create` cannot read it says, and then sends as if it were empty (agent_group_config.go:234-239). */
function readFileOrNothing(filename: string): Buffer<ArrayBuffer> {
  try {
    return readFile(filename);
  } catch (error) {
    console.error(errorMessage(error));
    return Buffer.alloc(0);
  }
}
