import { dataOf, groupItem, items, printMissing, printTable, printYaml, reporting } from "./call.ts";
import type { Call, Command } from "./command.ts";
import { outputFlag } from "./global-flags.ts";
import type { CtlRelease } from "./release.ts";

/** `agent-group` (cli/ctl/agent_group.go). */
export function agentGroupCommand(release: CtlRelease): Command {
  return {
    name: "agent-group",
    short: "agent-group operation commands",
    run: ({ out }) => {
      out("please run with 'list | create | delete'.\n");
    },
    commands: [
      {
        name: "list",
        use: "list [name]",
        short: "list agent-group info",
        example: "deepflow-ctl agent-group list deepflow-agent-group",
        flags: [outputFlag],
        run: (call) => reporting(call.err, () => list(call, release)),
      },
      {
        name: "create",
        use: "create <name>",
        short: "create agent-group",
        example: "deepflow-ctl agent-group create deepflow-agent-group",
        flags: [
          {
            name: "id",
            type: "string",
            usage:
              "id must start with 'g-' prefix and have a length of 10 numbers and letters, such as g-1yhIguXABC",
          },
        ],
        run: (call) => reporting(call.err, () => create(call)),
      },
      {
        name: "delete",
        use: "delete [name]",
        short: "delete agent-group",
        example: "deepflow-ctl agent-group delete deepflow-agent-group",
        run: (call) => reporting(call.err, () => remove(call)),
      },
    ],
  };
}

async function list(call: Call, release: CtlRelease): Promise<void> {
  const [name = ""] = call.args;
  const data = await dataOf(call, "GET", `/v1/vtap-groups/${name === "" ? "" : `?name=${name}`}`);
  if (call.flag("output") === "yaml") {
    printYaml(call, data);
    return;
  }
  const rows = items(data).map((item) => {
    const { name, shortUuid } = groupItem(item);
    return [name, shortUuid];
  });
  if (release === "v6.4.9")
    for (const [name = "", id = ""] of [["NAME", "ID"], ...rows]) call.out(`${name.padEnd(48)}${id}\n`);
  else printTable(call, ["NAME", "ID"], rows);
}

async function create(call: Call): Promise<void> {
  const [name] = call.args;
  if (name === undefined) {
    printMissing(call, "name");
    return;
  }
  await dataOf(call, "POST", "/v1/vtap-groups/", { json: { group_id: call.flag("id"), name } });
}

/** A name that no group has is no error. */
async function remove(call: Call): Promise<void> {
  const [name] = call.args;
  if (name === undefined) {
    printMissing(call, "name");
    return;
  }
  const [group] = items(await dataOf(call, "GET", `/v1/vtap-groups/?name=${name}`));
  if (group !== undefined) await dataOf(call, "DELETE", `/v1/vtap-groups/${groupItem(group).lcuuid}/`);
}
