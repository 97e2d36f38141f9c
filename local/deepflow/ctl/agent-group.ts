import type { Command } from "commander";
import { groupCommand, printTable, subcommand } from "./command.ts";
import { dataOf, itemsOf, textOf } from "./controller-client.ts";
import type { Server } from "./controller-client.ts";

/** `agent-group` (cli/ctl/agent_group.go), without what makes and deletes groups. */
export function agentGroupCommand(program: Command, server: () => Server): void {
  const group = groupCommand(program, "agent-group", "list | create | delete");
  subcommand(group, "list", "[name]", async ([name], { output }) => {
    const data = await dataOf(
      server(),
      "GET",
      `/v1/vtap-groups/${name === undefined ? "" : `?name=${name}`}`,
    );
    if (output === "yaml") {
      // Loaded only where it is needed: every call pays for what it loads.
      const { dump } = await import("js-yaml");
      // Go writes a map with its keys in order.
      process.stdout.write(dump(data, { sortKeys: true, lineWidth: -1 }));
    } else
      printTable(
        ["NAME", "ID"],
        itemsOf(data).map((item) => [textOf(item["NAME"]), textOf(item["SHORT_UUID"])]),
      );
  }).option("-o, --output <string>", "output format");
}
