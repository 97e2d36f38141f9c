import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { agentGroupSettings } from "./components/agent-group-config/settings.ts";
import { defaultGrafanaUrl } from "./components/demo/args.ts";
import { hostCollectorsSettings } from "./components/host-collector/settings.ts";
import { otelAgentSettings } from "./components/otel-agent/settings/settings.ts";
import { topologyRules } from "./components/otel-agent/settings/topology-rules.ts";
import { otelWebStoreSettings } from "./components/otel-webstore/settings.ts";
import { httpUrl, registry } from "./components/schema/primitives.ts";
import { pathText, plainTextSentences, sentencesOf, type Path } from "./components/schema/sentences.ts";
import { inWords, rule, setting, settings, settingsWithDefaults } from "./components/schema/setting.ts";
import { SettingsError } from "./components/schema/settings-error.ts";
import { springBootWebShopSettings } from "./components/spring-boot-webshop/settings.ts";

/** The Pulumi project, and with it the namespace of its settings: `deepflow-otel:otelAgent`. */
export const project = "deepflow-otel";

/** A demo takes its namespace with it when it goes: nobody else may live there. */
function ownNamespace(demo: string, others: readonly string[]) {
  type Given = Readonly<Record<string, { readonly namespace?: unknown } | undefined>>;
  const inhabitant = (given: Given) =>
    others.find((other) => given[other]?.namespace === given[demo]?.namespace) ?? "";
  return rule<Given>(
    [demo, "namespace"],
    (given) => given[demo]?.namespace === undefined || inhabitant(given) === "",
    (given) => `that is ${inhabitant(given)}'s; write another name`,
  );
}

/**
 * What a stack with a base leaves to it. Pulumi.yaml's defaults are in every stack's configuration, so that
 * only other values can be told from what nobody wrote.
 */
function onlyTheBases(key: string, isLeftOut: (given: unknown) => boolean) {
  return rule<Readonly<Record<string, unknown>>>(
    [key],
    (given) => given["base"] === undefined || isLeftOut(given[key]),
    ({ base }) =>
      `the Collectors and DeepFlow's agent group are those of the base ${inWords(base)}; set it there, or leave ${project}:base out`,
  );
}

function isDefault(schema: z.ZodType, given: unknown): boolean {
  return (
    given === undefined || isDeepStrictEqual(given, schema.parse(undefined)) || isDeepStrictEqual(given, {})
  );
}

/**
 * A stack's configuration as one schema: what the program accepts, its defaults, and what people read about
 * it.
 */
export const schema = settings(
  {
    base: setting(
      z
        .string()
        .regex(/^(?:[\w.-]+\/[\w.-]+\/)?[\w.-]+$/)
        .optional(),
      "the name of a stack, such as dev or organization/deepflow-otel/dev",
      "Stack whose Collectors this stack's demos send to: it has none of its own then. Its output `destination` is read, so it has to be deployed first.",
    ),
    topology: setting(
      z.enum(["agent", "gateway", "direct"]).default("agent"),
      "agent, gateway or direct",
      "Where Collectors run. `agent`: one on every node, reached by the pods of that node. `gateway`: a few for the whole cluster. `direct`: none, applications send to DeepFlow.",
    ),
    otelAgent: otelAgentSettings,
    agentGroup: agentGroupSettings.optional(),
    hostCollectors: hostCollectorsSettings,
    springBootWebShop: springBootWebShopSettings.optional(),
    otelWebStore: otelWebStoreSettings.optional(),
    grafana: settingsWithDefaults(
      {
        url: setting(
          httpUrl.default(defaultGrafanaUrl),
          "an http:// or https:// URL, without a password in it",
          "Address of DeepFlow's Grafana, for links. The default is where `kubectl port-forward -n deepflow service/deepflow-grafana 3000:80` brings it.",
        ),
      },
      "DeepFlow's Grafana.",
    ),
    images: settingsWithDefaults(
      {
        registry: setting(
          registry.optional(),
          "One registry for every image of the stack, for example a mirror.",
        ),
      },
      "What all images have in common.",
    ),
  },
  "A stack's settings.",
)
  .refine(...onlyTheBases("otelAgent", (given) => isDefault(otelAgentSettings, given)))
  .refine(...onlyTheBases("topology", (given) => given === "agent"))
  .refine(...onlyTheBases("agentGroup", (given) => given === undefined))
  .check(...topologyRules)
  .refine(...ownNamespace("springBootWebShop", ["otelAgent"]))
  .refine(...ownNamespace("otelWebStore", ["otelAgent", "springBootWebShop"]))
  .refine(
    ...rule<{
      agentGroup?: { integration?: { listenPort?: unknown } };
      otelAgent?: { destination?: { targetPort?: unknown } };
    }>(
      ["agentGroup", "integration", "listenPort"],
      ({ agentGroup, otelAgent }) => {
        const listenPort = agentGroup?.integration?.listenPort;
        return listenPort === undefined || listenPort === otelAgent?.destination?.targetPort;
      },
      ({ otelAgent }) =>
        `otelAgent.destination.targetPort is ${inWords(otelAgent?.destination?.targetPort)}, and the agents' Service leads there; write the same port in both`,
    ),
  );

export type Settings = z.output<typeof schema>;

/** A setting's key as `pulumi config set --path` takes it: `deepflow-otel:otelAgent.namespace`. */
export function keyOf(path: Path): string {
  return path.length === 0 ? project : `${project}:${pathText(path)}`;
}

/**
 * Reads the settings of a stack from its configuration as Pulumi hands it over: texts by full key, structured
 * values as JSON. Keys of other namespaces (`kubernetes:context`) are not ours.
 *
 * @param secretKeys full keys whose values must not appear in an error.
 * @throws SettingsError with every problem.
 */
export function parseSettings(
  config: Readonly<Record<string, string>>,
  secretKeys: ReadonlySet<string> = new Set(),
): Settings {
  const prefix = `${project}:`;
  const given = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), structured(text)]),
  );
  const options = { keyOf, isSecret: (path: Path) => secretKeys.has(prefix + String(path[0])) };
  const result = schema.safeParse(given);
  const problems = [
    ...plainTextSentences(schema, given, options),
    ...(result.success ? [] : sentencesOf(schema, given, result.error, options)),
  ];
  if (!result.success || problems.length > 0) throw new SettingsError(problems);
  return result.data;
}

/**
 * The settings of the stack that the engine runs.
 *
 * @throws SettingsError as `parseSettings` does.
 */
export function readSettings(): Settings {
  // The SDK keeps to itself which keys are secret; this variable is where the language host tells it.
  const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
  return parseSettings(pulumi.runtime.allConfig(), new Set(secretKeys));
}

/** A structured value arrives as JSON; everything else is a text and stays one. */
function structured(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
