import { dataOf, items, printMissing, printTable, readFile, reporting, text } from "./call.ts";
import type { Call, Command } from "./command.ts";
import { filenameFlag, outputFlag } from "./global-flags.ts";
import type { CtlRelease } from "./release.ts";

const path = "/v1/vtap-group-configuration";

/** `agent-group-config` before v6.6.9 (cli/ctl/agent_group_config.go at v6.5.9): the group is named in the file. */
export function legacyAgentGroupConfigCommand(release: CtlRelease): Command {
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
            call.out(`${text(await dataOf(call, "GET", `${path}/example/`))}\n`);
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
            call.flag("output") === "yaml" ? listYaml(call) : listTable(call, release),
          ),
      },
      {
        name: "create",
        use: "create -f <filename>",
        short: "create config",
        example: example("create -f deepflow-config.yaml"),
        flags: [filenameFlag("create")],
        required: ["filename"],
        run: (call) => reporting(call.err, () => create(call)),
      },
      {
        name: "update",
        use: "update -f <filename>",
        short: "update agent-group config",
        example: example("update -f deepflow-config.yaml"),
        flags: [filenameFlag("update")],
        required: ["filename"],
        run: (call) => reporting(call.err, () => update(call, release)),
      },
      {
        name: "delete",
        use: "delete [agent-group ID]",
        short: "delete agent-group config",
        example: example("delete g-xxxxxx"),
        run: (call) => reporting(call.err, () => remove(call)),
      },
    ],
  };
}

async function listYaml(call: Call): Promise<void> {
  const [id = ""] = call.args;
  if (id !== "") {
    call.out(`${text(await dataOf(call, "GET", `${path}/filter/?vtap_group_id=${id}`))}\n`);
    return;
  }
  const texts: unknown[] = items(await dataOf(call, "GET", `${path}/advanced/`));
  for (const config of texts) call.out(`${text(config)}\n`);
}

async function listTable(call: Call, release: CtlRelease): Promise<void> {
  const [id = ""] = call.args;
  const rows = items(await dataOf(call, "GET", `${path}/`))
    .map((item) => [text(item["VTAP_GROUP_NAME"]), text(item["VTAP_GROUP_ID"])])
    .filter(([, group]) => id === "" || group === id);
  const header = ["NAME", "AGENT_GROUP_ID"];
  if (release === "v6.4.9")
    for (const [name = "", group = ""] of [header, ...rows]) call.out(`${name.padEnd(46)} ${group}\n`);
  else printTable(call, header, rows);
}

/** What cannot be read is said, and then sent as if it were empty. */
async function create(call: Call): Promise<void> {
  let file: Buffer = Buffer.alloc(0);
  await reporting(call.err, () => {
    file = readFile(call.flag("filename"));
    return Promise.resolve();
  });
  await dataOf(call, "POST", `${path}/advanced/`, { file });
}

/** The id is the file's; one on the command line is not looked at. */
async function update(call: Call, release: CtlRelease): Promise<void> {
  const file = readFile(call.flag("filename"));
  // Loaded only where it is needed: every call pays for what it loads.
  const { unmarshalMap } = await import("../go-yaml.ts");
  const config = unmarshalMap(file.toString());
  const id = release === "v6.4.9" ? config["vtap_group_id"] : agentGroupId(call, config);
  if (id === undefined || (id === null && release !== "v6.4.9"))
    throw new Error(`must specify ${release === "v6.4.9" ? "vtap_group_id" : "agent_group_id"}`);

  const [row] = items(
    await dataOf(call, "GET", `${path}/?vtap_group_id=${typeof id === "string" ? id : JSON.stringify(id)}`),
  );
  // Not filled in, not the end of the line, and not a reason to stop.
  if (row === undefined) call.err("agent-group (%s) not exist\n\n");
  await dataOf(call, "PATCH", `${path}/advanced/${text(row?.["LCUUID"])}/`, { file });
}

function agentGroupId({ out }: Call, config: Readonly<Record<string, unknown>>): unknown {
  if ("vtap_group_id" in config)
    out("\u001B[0;0;33mWARNING: use agent_group_id instead of vtap_group_id\u001B[0m\n");
  return "agent_group_id" in config ? config["agent_group_id"] : config["vtap_group_id"];
}

async function remove(call: Call): Promise<void> {
  const [id] = call.args;
  if (id === undefined) printMissing(call, "agent-group ID");
  else await dataOf(call, "DELETE", `${path}/filter/?vtap_group_id=${id}`);
}
