import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { registry, registryExpected } from "./components/image-settings.ts";
import { topologyRules } from "./components/otel-agent/settings/rules.ts";
import { otelAgentSettings } from "./components/otel-agent/settings/settings.ts";
import { agentGroupSettings } from "./components/agent-group-config/settings.ts";
import type { Demo } from "./components/demo/table.ts";
import { demoErrors } from "./components/demo/resolve.ts";
import { otelWebStoreSettings } from "./components/otel-webstore/settings.ts";
import { httpUrl, inWords, rule, setting, settings, settingsWithDefaults } from "./components/schema.ts";
import { springBootWebShopSettings } from "./components/spring-boot-webshop/settings.ts";
import { stackDemos } from "./components/demos.ts";

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

/** A stack's configuration as one schema: what the program accepts, its defaults, and what people read about it. */
export const schema = settings(
  {
    topology: setting(
      z.enum(["agent", "gateway", "direct"]).default("agent"),
      "agent, gateway or direct",
      "Where Collectors run. `agent`: one on every node, reached by the pods of that node. `gateway`: a few for the whole cluster. `direct`: none, applications send to DeepFlow.",
    ),
    otelAgent: otelAgentSettings,
    agentGroup: agentGroupSettings.optional(),
    springBootWebShop: springBootWebShopSettings.optional(),
    otelWebStore: otelWebStoreSettings.optional(),
    grafana: settingsWithDefaults(
      {
        url: setting(
          httpUrl.default("http://localhost:3000"),
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
          registryExpected,
          "One registry for every image of the stack, for example a mirror.",
        ),
      },
      "What all images have in common.",
    ),
  },
  "A stack's settings.",
)
  .refine(...topologyRules.serviceType)
  .refine(...topologyRules.gateway)
  .refine(...topologyRules.processors)
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

/** Everything that is wrong with a stack's settings: one sentence each, all of them at once. */
export class SettingsError extends pulumi.RunError {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    const count = sentences.length === 1 ? "One setting is" : `${sentences.length} settings are`;
    super(`${count} not usable; nothing was changed.\n${sentences.map((line) => `  - ${line}`).join("\n")}`);
    this.sentences = sentences;
  }
}

/**
 * Reads the settings of a stack from its configuration as Pulumi hands it over: texts by full key, structured values
 * as JSON. Keys of other namespaces (`kubernetes:context`) are not ours.
 *
 * @param secretKeys full keys whose values must not appear in an error.
 * @throws SettingsError with every problem; nothing has been registered then.
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
  const isSecret = (path: readonly PropertyKey[]) => secretKeys.has(prefix + String(path[0]));
  const result = schema.safeParse(given);
  if (result.success) {
    const problems = [...inPlainText(given, isSecret), ...notDeployable(result.data)];
    if (problems.length > 0) throw new SettingsError(problems);
    return result.data;
  }
  throw new SettingsError([
    ...new Set(result.error.issues.flatMap((issue) => sentences(issue, given, isSecret))),
  ]);
}

/** Settings that are each right may still ask for a demo that cannot be deployed. */
function notDeployable(settings: Settings): string[] {
  return Object.entries(stackDemos(settings)).flatMap(([key, stackDemo]) => [
    ...unknownServices([key, "services"], stackDemo.demo, settings),
    ...demoErrors(stackDemo.demo, stackDemo),
  ]);
}

/** The names of a demo's services are its table's, which a schema does not know. */
function unknownServices(path: readonly string[], { title, services }: Demo, settings: Settings): string[] {
  return Object.keys(valueAt(settings, path) ?? {})
    .filter((name) => !Object.hasOwn(services, name))
    .map(
      (name) =>
        `${keyOf([...path, name])} is no service of the ${title}; write one of ${Object.keys(services).join(", ")}.`,
    );
}

/** A password in a file that people commit is none. */
function inPlainText(given: unknown, isSecret: (path: readonly PropertyKey[]) => boolean): string[] {
  return secretPaths(schema, [])
    .filter((path) => valueAt(given, path) !== undefined && !isSecret(path))
    .map((path) => `${keyOf(path)} is in plain text; run: pulumi config set --secret --path ${keyOf(path)}.`);
}

function secretPaths(type: z.ZodType, path: readonly string[]): string[][] {
  return Object.entries(shapeOf(type) ?? {}).flatMap(([key, inner]) =>
    inner.meta()?.secret === true ? [[...path, key]] : secretPaths(inner, [...path, key]),
  );
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

type Issue = z.core.$ZodIssue;

function sentences(
  issue: Issue,
  given: unknown,
  isSecret: (path: readonly PropertyKey[]) => boolean,
): string[] {
  const key = keyOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((unknown) => unknownKey([...issue.path, unknown]));
  }
  const found = isSecret(issue.path) ? "[secret]" : show(valueAt(given, issue.path), schemaAt(issue.path));
  if (issue.code === "custom" && issue.message !== "Invalid input")
    return [`${key} is ${found}, but ${issue.message}.`];
  if (issue.code === "invalid_key")
    return [`${key} is no key that can be used here; write ${expectedAt(issue.path.slice(0, -1))}.`];
  return [`${key} is ${found}; write ${expectedAt(issue.path)}.`];
}

function unknownKey(path: readonly PropertyKey[]): string {
  const known = Object.keys(shapeOf(schemaAt(path.slice(0, -1))) ?? {});
  return `${keyOf(path)} is no setting; write one of ${known.join(", ")}, or leave it out.`;
}

/** A setting's key as `pulumi config set --path` takes it. */
function keyOf(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return project;
  const step = (key: PropertyKey) => {
    if (typeof key === "number") return `[${key}]`;
    return /^\w+$/.test(String(key)) ? `.${String(key)}` : `["${String(key)}"]`;
  };
  return `${project}:${String(first)}${rest.map(step).join("")}`;
}

function show(value: unknown, type: z.ZodType | undefined): string {
  if (value === undefined)
    return type instanceof z.ZodDefault ? `${JSON.stringify(type.def.defaultValue)} by default` : "missing";
  // Only the keys of a map, and no password of a URL: what was found may end up in the log of a pull request.
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return `{ ${Object.keys(value).join(", ")} }`;
  }
  const text = JSON.stringify(value).replace(/(:\/\/)[^/@]*@/g, "$1…@");
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined,
    value,
  );
}

/** What to write for the value at a path: said by its own schema, or by the nearest one above it that says it. */
function expectedAt(path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const expected = schemaAt(path.slice(0, length))?.meta()?.expected;
    if (expected !== undefined) return expected;
  }
  return "another value";
}

function schemaAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((at, key) => {
    const type = unwrap(at);
    if (type instanceof z.ZodArray) return type.element as z.ZodType;
    if (type instanceof z.ZodRecord) return type.valueType as z.ZodType;
    return shapeOf(type)?.[String(key)];
  }, schema);
}

/** The settings in a group, by name; `undefined` for anything else. */
export function shapeOf(type: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  const group = unwrap(type);
  return group instanceof z.ZodObject ? group.shape : undefined;
}

/** A schema without the defaults that wrap it. */
function unwrap(type: z.ZodType | undefined): z.ZodType | undefined {
  return type instanceof z.ZodDefault || type instanceof z.ZodPrefault || type instanceof z.ZodOptional
    ? unwrap(type.unwrap() as z.ZodType)
    : type;
}
