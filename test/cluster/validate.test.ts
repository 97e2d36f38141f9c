import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deepFlowDestination } from "../../components/deepflow/destination.ts";
import { deepFlowSettings, destinationTypes } from "../../components/deepflow/settings.ts";
import {
  collectorConfigYaml,
  type CollectorConfigArgs,
} from "../../components/otel-agent/collector-config.ts";
import { configSyntaxOf, testedVersions } from "../../components/otel-agent/collector-version.ts";
import { queueFolder } from "../../components/otel-agent/queue.ts";
import { toolchain } from "../../local/cluster/toolchain/toolchain.ts";
import { documentsConfig } from "../e2e/documents/documents.ts";
import { golden, goldenStacks } from "../goldens/goldens.ts";
import { describeCluster } from "./harness.ts";

/** Settings and the values that they are tried with; every combination is. */
const dimensions = {
  topology: ["agent", "gateway"],
  association: ["connection", "resource", "passthrough"],
  type: destinationTypes,
  httpAttributes: [true, false],
  samplingPercentage: [25, undefined],
  extras: [true, false],
} as const;

type Combination = { readonly [Name in keyof typeof dimensions]: (typeof dimensions)[Name][number] };

function combinations(): Combination[] {
  return Object.entries(dimensions).reduce<object[]>(
    (so_far, [name, values]) => so_far.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  ) as Combination[];
}

function configOf(
  { type, extras, ...combination }: Combination,
  syntax: CollectorConfigArgs["syntax"],
): string {
  const url = type === "url" ? { url: "https://otel.example.com/in" } : {};
  return collectorConfigYaml({
    ...combination,
    syntax,
    destination: deepFlowDestination(deepFlowSettings.parse({ type, ...url }), "open-telemetry"),
    k8sAttributes: ["k8s.pod.name", "k8s.deployment.name", "k8s.node.uid"],
    resourceAttributes: { team: "$shop" },
    processors: extras
      ? { "attributes/team": { actions: [{ key: "team", value: "shop", action: "insert" }] } }
      : {},
    exporters: extras ? { "otlp_http/second": { endpoint: "https://second.example.com" }, debug: null } : {},
    memoryLimitMib: 512,
    queue: { storage: extras ? "pod" : "memory" },
    selfMetrics: extras,
    receivers: { jaeger: { enabled: extras }, zipkin: { enabled: extras } },
  });
}

describeCluster("`otelcol validate`", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "validate-"));
  });
  const environment = { MY_POD_IP: "127.0.0.1", HOST_IP: "127.0.0.1", K8S_NODE_NAME: "node-1" };
  let files = 0;
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** What the Collector says against a configuration; empty if nothing. */
  async function complaint(config: string, version = "0.149.0"): Promise<string> {
    files += 1;
    const file = join(folder, `${files}.yaml`);
    // The queue's volume is not here, and the Collector wants its folder to exist.
    writeFileSync(file, config.replaceAll(queueFolder, folder));
    const program = toolchain().otelcols[version] ?? "";
    try {
      await promisify(execFile)(program, ["validate", `--config=${file}`], {
        env: { ...process.env, ...environment },
      });
      return "";
    } catch (error) {
      return (error as { stderr: string }).stderr || String(error);
    }
  }

  describe.each(testedVersions.map((version) => version.join(".")))("of %s", (version) => {
    const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
    const syntax = configSyntaxOf([major, minor, patch]);
    if (!syntax) throw new Error(`Version ${version} is unknown.`);

    test("accepts every combination of topology, association, destination and what a stack may add", async () => {
      const refused: string[] = [];
      const all = combinations();
      expect(all.length).toBe(192);
      for (const combination of all) {
        const said = await complaint(configOf(combination, syntax), version);
        if (said !== "") refused.push(`${JSON.stringify(combination)}: ${said}`);
      }
      expect(refused).toEqual([]);
    });
  });

  test("of 0.161 refuses what 0.149 is told: the table of versions is needed", async () => {
    const syntax = configSyntaxOf([0, 149, 0]);
    const [combination] = combinations();
    if (!syntax || !combination) throw new Error("There is nothing to try.");
    expect(await complaint(configOf(combination, syntax), "0.161.0")).toContain(
      "deployment_name_from_replicaset",
    );
  });

  const configMaps = Object.keys(goldenStacks).flatMap((stack) =>
    [...golden(stack)]
      .filter(([path]) => path.includes("configmap-otel-agent-conf"))
      .map(([, content]) => [stack, content] as const),
  );
  test("is asked about every stack with a Collector", () => {
    expect(configMaps.map(([stack]) => stack)).toEqual(["dev", "prod", "default", "gateway", "everything"]);
  });
  test.each(configMaps)("accepts the configuration that stack %s renders", async (_, configMap) => {
    const { data } = load(configMap) as { data: { "otel-agent-config": string } };
    expect(await complaint(data["otel-agent-config"])).toBe("");
  });

  test("refuses the configuration that the documents print", async () => {
    expect(await complaint(documentsConfig())).toContain("memory_ballast");
  });
});
