import { dataOf, groupItem, items, printMissing, printTable, readFile, reporting, text } from "./call.ts";
import type { GroupItem } from "./call.ts";
import type { Call, Command } from "./command.ts";
import { filenameFlag, outputFlag } from "./global-flags.ts";
import type { CtlRelease } from "./release.ts";

const path = "/v1/agent-group-configuration";

/** `agent-group-config` since v6.6.9 (cli/ctl/agent_group_config.go). */
export function agentGroupConfigCommand(release: CtlRelease): Command {
  const example = (rest: string): string => `deepflow-ctl agent-group-config ${rest}`;
  return {
    name: "agent-group-config",
    short: "agent-group-config operation commands",
    run: ({ out }) => {
      out("please run with 'example | list | create | update | delete'.\n");
    },
    commands: [
      {
        name: "example",
        short: "example agent-group config",
        run: (call) =>
          reporting(call.err, async () => {
            call.out(`${text(await dataOf(call, "GET", `${path}/template/yaml`))}\n`);
          }),
      },
      {
        name: "list",
        use: "list [agent-group ID]",
        short: "list config",
        example: example("list g-xxxxxx"),
        flags: [outputFlag],
        run: (call) =>
          reporting(call.err, () =>
            call.flag("output") === "yaml" ? listYaml(call, release) : listTable(call, release),
          ),
      },
      {
        name: "create",
        use: "create <agent-group ID> -f <filename>",
        short: "create config",
        example: example("create g-xxxxxx -f deepflow-config.yaml"),
        flags: [filenameFlag("create")],
        required: ["filename"],
        run: (call) => reporting(call.err, () => create(call)),
      },
      {
        name: "update",
        use: "update <agent-group ID> -f <filename>",
        short: "update agent-group config",
        example: example("update g-xxxxxx -f deepflow-config.yaml"),
        flags: [filenameFlag("update")],
        required: ["filename"],
        run: (call) => reporting(call.err, () => update(call)),
      },
      {
        name: "delete",
        use: "delete <agent-group ID>",
        short: "delete agent-group config",
        example: example("delete g-xxxxxx"),
        run: (call) => reporting(call.err, () => remove(call)),
      },
    ],
  };
}

async function listYaml(call: Call, release: CtlRelease): Promise<void> {
  const [id = ""] = call.args;
  if (id !== "") {
    const lcuuid = await lcuuidOf(call, id);
    call.out(`${text(await dataOf(call, "GET", `${path}/${lcuuid}/yaml`))}\n`);
  } else if (release === "new") {
    throw new Error("Must specify agent group ID");
  } else {
    for (const item of items(await dataOf(call, "GET", `${path}/yaml`)))
      call.out(`\nagent_group_lcuuid:  ${text(item["AGENT_GROUP_LCUUID"])}\n${text(item["YAML"])}\n`);
  }
}

async function listTable(call: Call, release: CtlRelease): Promise<void> {
  const [id = ""] = call.args;
  const groups = items(await dataOf(call, "GET", "/v1/vtap-groups/")).map(groupItem);
  const byLcuuid = new Map(groups.map((group): [string, GroupItem] => [group.lcuuid, group]));
  const configs = items(await dataOf(call, "GET", release === "new" ? `${path}s` : `${path}/yaml`));
  const rows = configs
    .flatMap((config) => byLcuuid.get(text(config["AGENT_GROUP_LCUUID"])) ?? [])
    .filter(({ shortUuid }) => id === "" || shortUuid === id)
    .map(({ name, shortUuid }) => [name, shortUuid]);
  printTable(call, ["NAME", "AGENT_GROUP_ID"], rows);
}

/** What cannot be read is said, and then sent as if it were empty. */
async function create(call: Call): Promise<void> {
  const [id] = call.args;
  if (id === undefined) {
    printMissing(call, "agent-group ID");
    return;
  }
  const lcuuid = await lcuuidOf(call, id);
  let file: Buffer = Buffer.alloc(0);
  await reporting(call.err, () => {
    file = readFile(call.flag("filename"));
    return Promise.resolve();
  });
  await dataOf(call, "POST", `${path}/${lcuuid}/yaml`, { file });
}

async function update(call: Call): Promise<void> {
  const [id] = call.args;
  if (id === undefined) {
    printMissing(call, "agent-group ID");
    return;
  }
  const lcuuid = await lcuuidOf(call, id);
  await dataOf(call, "PUT", `${path}/${lcuuid}/yaml`, { file: readFile(call.flag("filename")) });
}

async function remove(call: Call): Promise<void> {
  const [id] = call.args;
  if (id === undefined) {
    printMissing(call, "agent-group ID");
    return;
  }
  await dataOf(call, "DELETE", `${path}/${await lcuuidOf(call, id)}`);
}

async function lcuuidOf(call: Call, id: string): Promise<string> {
  const [group] = items(await dataOf(call, "GET", `/v1/vtap-groups/?short_uuid=${id}`));
  // The message ends its own line, and is printed as a line.
  if (group === undefined) throw new Error(`agent-group (${id}) not exist\n`);
  return groupItem(group).lcuuid;
}
