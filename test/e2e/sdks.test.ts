import { loadAll } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyRendered } from "../../local/apply.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { collectorsReady } from "../../local/collectors.ts";
import { arrived } from "../../local/traffic.ts";
import { connectText } from "../../render/connect.ts";
import { renderSettings } from "../../render/stack.ts";
import { stackFrom } from "../../stack.ts";
import { describeCluster } from "../cluster/harness.ts";
import { nodes, startWithDeepFlow } from "../cluster/stack.ts";
import { goCommand, javaCommand, pythonCommand, type SdkCommand } from "./sdks/sdks.ts";

/** Stacks by topology; that of the Collectors is deployed, the other is only asked where it sends. */
const stacks = {
  agent: {},
  direct: { "deepflow-otel:topology": "direct" },
} as const;

type Topology = keyof typeof stacks;

const namespace = "own-applications";

/** Node's SDK needs no relay; it is in this project's packages. */
const nodeProgram = "local/sample/traffic.ts";

/** The real SDKs: what runs in a pod, and which block of `connect` is for it. */
const sdks = [
  { name: "java", language: "java", block: /Java agent/, command: javaCommand, request: true },
  {
    name: "go-grpc",
    language: "go",
    block: /exporter otlptracegrpc/,
    command: goCommand,
    args: ["otlptracegrpc"],
  },
  {
    name: "go-http",
    language: "go",
    block: /exporter otlptracehttp/,
    command: goCommand,
    args: ["otlptracehttp"],
  },
  { name: "python", language: "python", block: /distro/, command: pythonCommand },
  { name: "nodejs", language: "nodejs", block: /Node SDK/, command: undefined },
] as const satisfies readonly {
  name: string;
  language: string;
  block: RegExp;
  command: (() => Promise<SdkCommand>) | undefined;
  request?: boolean;
  args?: readonly string[];
}[];

type Sdk = (typeof sdks)[number];

/** The variables that `npm run connect` prints for an SDK; none where it says that there is no way. */
function printedEnv({ name, language, block }: Sdk, topology: Topology): object[] | undefined {
  const text = connectText(language, stackFrom(stacks[topology]).applications, name);
  const printed = text.split("\n\n").find((one) => block.test(one) && one.includes("env:"));
  if (printed === undefined) return undefined;
  const [read] = loadAll(printed) as { env: object[] }[];
  return read?.env;
}

function podOf(sdk: Sdk, topology: Topology): object[] {
  const env = printedEnv(sdk, topology);
  if (env === undefined) return [];
  const metadata = { name: `${sdk.name}-${topology}`, namespace };
  const spec = { containers: [{ name: sdk.name, image: "application", env }] };
  return [{ apiVersion: "v1", kind: "Pod", metadata, spec }];
}

test("Go's gRPC exporter is the one of these SDKs that has no way to DeepFlow itself", () => {
  const without = sdks.filter((sdk) => printedEnv(sdk, "direct") === undefined).map(({ name }) => name);
  expect(without).toEqual(["go-grpc"]);
  expect(sdks.filter((sdk) => printedEnv(sdk, "agent") === undefined)).toEqual([]);
});

test("an SDK that cannot be had is skipped with what is missing", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    expect(await javaCommand()).toEqual({
      missing: "No `java` on PATH: install a JDK, 17 or newer.",
    });
    expect(await pythonCommand()).toEqual({
      missing: "No `python3` on PATH: install Python 3.10 or newer.",
    });
    expect(await goCommand()).toMatchObject({
      missing: expect.stringContaining("No `go` on PATH") as string,
    });
  } finally {
    process.env["PATH"] = path;
  }
});

describeCluster("a real SDK with the variables of `npm run connect` and no others", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWithDeepFlow("sdks");
    await applyRendered(cluster, "test", await renderSettings(stacks.agent, "test"));
    await collectorsReady(cluster, "open-telemetry", nodes);
    const topologies = Object.keys(stacks) as Topology[];
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      ...sdks.flatMap((sdk) => topologies.flatMap((topology) => podOf(sdk, topology))),
    ];
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await kubectl(cluster, ["apply", "--server-side", "-f", "-"], { input });
    await eventually("The start of the applications' pods", async () => {
      const running = (await podsIn(cluster, namespace)).filter(({ podIP }) => podIP !== "");
      return running.length === items.length - 1 ? running : undefined;
    });
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function send(sdk: Sdk, pod: { name: string }, command: readonly string[]) {
    const args = "args" in sdk ? sdk.args : [];
    const [program, input] =
      sdk.command === undefined
        ? [nodeProgram, { spans: 1 }]
        : ["test/e2e/programs/run-sdk.ts", { command: [...command, ...args], request: "request" in sdk }];
    const { stdout, stderr } = (await cluster.control("POST", "/run", {
      namespace,
      pod: pod.name,
      program,
      input,
    })) as Record<"stdout" | "stderr", string>;
    if (stdout === "") throw new Error(`The program in ${pod.name} said nothing but: ${stderr}`);
    return JSON.parse(stdout) as { traceId: string; output?: string; error?: string };
  }

  describe.each(Object.keys(stacks) as Topology[])("topology %s", (topology) => {
    test.for(sdks.filter((sdk) => printedEnv(sdk, topology) !== undefined))(
      "$name",
      async (sdk, { skip }) => {
        const prepared = (await sdk.command?.()) ?? { command: [] };
        if ("missing" in prepared) return skip(prepared.missing);
        const pods = await podsIn(cluster, namespace);
        const pod = pods.find(({ name }) => name === `${sdk.name}-${topology}`);
        if (!pod) throw new Error(`There is no pod for ${sdk.name}.`);
        const { traceId, ...said } = await send(sdk, pod, prepared.command);
        const [span] = await arrived(cluster, traceId, 1);
        expect(span?.resource, JSON.stringify(said)).toMatchObject({ "service.name": sdk.name });
        const address = topology === "agent" ? span?.resource["app.host.ip"] : span?.peerAddress;
        expect(address).toBe(pod.podIP);
      },
    );
  });
});
