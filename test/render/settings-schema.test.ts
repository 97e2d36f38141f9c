import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { SettingsError } from "../../components/schema/settings-error.ts";
import { exampleYaml, settingKeys } from "../../render/settings-docs.ts";
import { readStackText } from "../../render/stack-config.ts";
import { stackFrom } from "../../stack.ts";
import { goldenStacks } from "../goldens/goldens.ts";

const root = join(import.meta.dirname, "..", "..");
const validate = new Ajv({ allErrors: true }).compile(
  JSON.parse(readFileSync(join(root, "stack.schema.json"), "utf8")) as object,
);

/** What an editor marks in a stack's file. */
function marked(yaml: string): string[] {
  validate(load(yaml));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);
}

/** What the program refuses in a stack's file. */
function refused(yaml: string): readonly string[] {
  const { config, secretKeys } = readStackText("Pulumi.test.yaml", yaml);
  try {
    stackFrom(config, secretKeys, otelAgentDestination("open-telemetry"));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.sentences;
    throw error;
  }
}

function otelAgent(settings: string): string {
  return `config: { "deepflow-otel:otelAgent": ${settings} }`;
}

test.each(Object.entries(goldenStacks))("Pulumi.%s.yaml fits, and names its schema", (stack, folder) => {
  const text = readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8");
  expect(marked(text)).toEqual([]);
  const [, path] = /^# yaml-language-server: \$schema=(\S+)/.exec(text) ?? [];
  expect(join(folder, path ?? "")).toBe(join(root, "stack.schema.json"));
});

test.each(settingKeys())("the example of %s is right to an editor and to the program", (key) => {
  const yaml = `config:\n${exampleYaml(key).replaceAll(/^/gm, "  ")}`;
  expect({ marked: marked(yaml), refused: refused(yaml) }).toEqual({ marked: [], refused: [] });
});

describe("editor and program both accept", () => {
  test.each([
    ["config: {}"],
    ["encryptionsalt: v1:abc\nconfig:"],
    ["config: { kubernetes:context: prod, deepflow-otel:topology: gateway }"],
    ["config: { deepflow-otel:otelWebStore: {} }"],
    [otelAgent("{ tolerations: [{ operator: Exists }], sampling: { percentage: 0.5 } }")],
    [otelAgent("{ processors: { attributes/a: { actions: [] }, filter: null } }")],
    [otelAgent("{ resourceAttributes: { team: { secure: AAAB } } }")],
    ["config: { deepflow-otel:springBootWebShop: { database: { rootPassword: { secure: AAAB } } } }"],
  ])("%s", (yaml) => {
    expect({ marked: marked(yaml), refused: refused(yaml) }).toEqual({ marked: [], refused: [] });
  });
});

describe("editor and program both refuse", () => {
  test.each([
    ["config: { deepflow-otel:nonsense: 1 }", "must NOT have additional properties"],
    ["config: { deepflow-otel:topology: mesh }", ":topology must be equal to one of the allowed values"],
    ["config: { deepflow-otel:otelAgent: }", ":otelAgent must be object"],
    ["config: { deepflow-otel:agentGroup: {} }", ":agentGroup must have required property 'controller'"],
    [otelAgent("{ nameSpace: a }"), "must NOT have additional properties"],
    [otelAgent("{ namespace: Open_Telemetry }"), "/namespace must match pattern"],
    [otelAgent("{ selfMetrics: 1 }"), "/selfMetrics must be boolean"],
    [otelAgent('{ selfMetrics: "true" }'), "/selfMetrics must be boolean"],
    [otelAgent("{ preStopSleepSeconds: 301 }"), "/preStopSleepSeconds must be <= 300"],
    [otelAgent("{ preStopSleepSeconds: 1.5 }"), "/preStopSleepSeconds must be integer"],
    [otelAgent("{ resources: { limits: { memory: 512 } } }"), "/memory must be string"],
    [otelAgent("{ k8sAttributes: [k8s.pod.colour] }"), "/k8sAttributes/0 must be equal to one of"],
    [otelAgent("{ nodeSelector: { -pool: a } }"), "/nodeSelector property name must be valid"],
    [otelAgent("{ tolerations: [{ effect: Never }] }"), "/tolerations/0/effect must be equal to one of"],
    [otelAgent("{ sampling: {} }"), "/sampling must have required property 'percentage'"],
    [otelAgent("{ sampling: { percentage: 100 } }"), "/percentage must be < 100"],
    [otelAgent("{ destination: { port: 0 } }"), "/port must be >= 1"],
    [otelAgent("{ exporters: { otlp_http/b: text } }"), "/exporters/otlp_http~1b must be"],
    [otelAgent("{ secretEnv: { TOKEN: { secret: a } } }"), "/TOKEN must have required property 'key'"],
    [
      "config: { deepflow-otel:springBootWebShop: { database: { rootPassword: a } } }",
      "/rootPassword must be",
    ],
  ])("%s", (yaml, error) => {
    expect(marked(yaml).join("\n")).toContain(error);
    expect(refused(yaml)).not.toEqual([]);
  });
});

describe("only the program refuses, because JSON Schema has no word for it", () => {
  test.each([
    ["a quantity", otelAgent("{ resources: { limits: { cpu: much } } }")],
    ["a quantity's size", otelAgent("{ resources: { limits: { memory: 64Mi } } }")],
    ["a URL", "config: { deepflow-otel:grafana: { url: grafana.example.com } }"],
    ["two that exclude each other", otelAgent("{ gateway: { replicas: 2 } }")],
    [
      "a name that another group takes",
      'config: { "deepflow-otel:otelWebStore": { namespace: open-telemetry } }',
    ],
    ["the services of a demo", 'config: { "deepflow-otel:otelWebStore": { services: { mail: {} } } }'],
  ])("%s", (_, yaml) => {
    expect(marked(yaml)).toEqual([]);
    expect(refused(yaml)).not.toEqual([]);
  });
});
