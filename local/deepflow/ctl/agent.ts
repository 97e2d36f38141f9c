import { dataOf, items, printTable, printYaml, reporting, text } from "./call.ts";
import type { Call, Command } from "./command.ts";
import { outputFlag } from "./global-flags.ts";

/** `agent list` (cli/ctl/agent.go), the only one of its commands; its errors go to stdout. */
export const agentCommand: Command = {
  name: "agent",
  short: "agent operation commands",
  run: ({ out }) => {
    out("please run with 'list'.\n");
  },
  commands: [
    {
      name: "list",
      use: "list [name]",
      short: "list agent info",
      example: "deepflow-ctl agent list deepflow-agent -o yaml",
      flags: [outputFlag],
      run: (call) => reporting(call.out, () => list(call)),
    },
  ],
};

const columns = [
  "ID",
  "NAME",
  "TYPE",
  "CTRL_IP",
  "CTRL_MAC",
  "STATE",
  "GROUP",
  "EXCEPTIONS",
  "REVISION",
  "UPGRADE_REVISION",
  "POD_CLUSTER",
];

const types: Readonly<Record<number, string>> = { 7: "K8S_BM", 8: "K8S_VM" };
const states = ["LOST", "NORMAL", "DISABLE", "PENDING"];

/** Some of message/agent.proto's. */
const exceptions: Readonly<Record<number, string>> = {
  256: "INVALID_CONFIGURATION",
  262144: "INTEGRATION_SOCKET_ERROR",
};

async function list(call: Call): Promise<void> {
  const [name = ""] = call.args;
  const data = await dataOf(call, "GET", `/v1/vtaps/${name === "" ? "" : `?name=${name}`}`);
  if (call.flag("output") === "yaml") {
    printYaml(call, data);
    return;
  }
  const rows = items(data).map((item) => {
    const bits: unknown = item["EXCEPTIONS"];
    const raised = Array.isArray(bits) ? (bits as number[]) : [];
    return [
      String(item["ID"]),
      text(item["NAME"]),
      types[Number(item["TYPE"])] ?? "",
      text(item["CTRL_IP"]),
      text(item["CTRL_MAC"]),
      states[Number(item["STATE"])] ?? "",
      text(item["VTAP_GROUP_NAME"]),
      raised.map((bit) => exceptions[bit] ?? String(bit)).join(","),
      text(item["REVISION"]),
      text(item["UPGRADE_REVISION"]),
      text(item["POD_CLUSTER_NAME"]),
    ];
  });
  printTable(call, columns, rows);
}
