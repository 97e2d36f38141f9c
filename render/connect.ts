import { dump } from "js-yaml";
import { egressTo, endpointUrl, type Destination } from "../components/destination.ts";
import { dnsEgress } from "../components/network-policy.ts";
import {
  connectionsOf,
  containerEnv,
  languages,
  type Connection,
  type Instrumentation,
  type LanguageName,
} from "../components/sdk/languages.ts";

/** What an application is called until somebody writes its name. */
export const exampleService = "my-service";

/** Name of the Instrumentation and of the NetworkPolicy: people may choose another. */
const objectName = "deepflow-otel";

/** What is said above a variable. */
const comments: Readonly<Record<string, string>> = {
  HOST_IP: "The pod's own node. It has to come before the variables that use it.",
  OTEL_PHP_AUTOLOAD_ENABLED: "Without it the SDK does nothing.",
  OTEL_SERVICE_NAME: "What DeepFlow shows as the service: write the application's name.",
  OTEL_EXPORTER_OTLP_ENDPOINT: "SDKs append the path of traces to it, where the protocol has one.",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "For traces alone; nothing is appended to it.",
  OTEL_METRICS_EXPORTER:
    "Nothing there takes metrics or logs; leave these two out where you send them elsewhere.",
};

/**
 * The lines that let applications of a language send to a destination: the `env` of a container, or the
 * Operator's resource, one block for every way that needs its own; for those that cannot, why.
 */
export function connectText(
  language: LanguageName,
  destination: Destination,
  serviceName = exampleService,
): string {
  const { title } = languages[language];
  const { able, unable } = connectionsOf(languages[language], serviceName, destination);
  return [
    ...able.map((connection) => block(language, connection, destination)),
    ...unable.map((one) => comment(`${title} by ${one.name}: ${reason(one, destination)}`)),
  ].join("\n");
}

/** A line for every language: how it sends to a destination. */
export function languagesText(destination: Destination): string {
  const names = Object.keys(languages) as LanguageName[];
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(width)}  ${summary(name, destination)}`).join("\n");
}

/** How a language sends to a destination, in few words. */
export function summary(language: LanguageName, destination: Destination): string {
  const { able, unable } = connectionsOf(languages[language], exampleService, destination);
  return [
    ...able.map(({ instrumentation, protocol }) => `${instrumentation.name}: ${protocol}`),
    ...unable.map(({ name }) => `${name}: not to this destination`),
  ].join("; ");
}

/** A Markdown table: how each language sends to each of some destinations, which are named in its head. */
export function languageTable(destinations: Readonly<Record<string, Destination>>): string[] {
  const names = Object.keys(languages) as LanguageName[];
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    row(["Language", ...Object.keys(destinations)]),
    row(["---", ...Object.keys(destinations).map(() => "---")]),
    ...names.map((name) =>
      row([
        languages[name].title,
        ...Object.values(destinations).map((destination) => summary(name, destination)),
      ]),
    ),
  ];
}

/**
 * A NetworkPolicy that lets every pod of a namespace which restricts egress send to a destination, and ask
 * for its name.
 */
export function networkPolicyText(destination: Destination): string {
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: objectName },
    spec: { podSelector: {}, policyTypes: ["Egress"], egress: [egressTo(destination), dnsEgress()] },
  };
  const warning = "For a namespace that restricts egress already; in any other it would begin to.";
  return comment(warning) + yaml(policy);
}

function block(language: LanguageName, connection: Connection, destination: Destination): string {
  const { instrumentation, protocol } = connection;
  const { title } = languages[language];
  const head = [
    `${title} by ${instrumentation.name}, over ${protocol} to ${endpointUrl(destination, protocol)}.`,
    spoken(instrumentation, connection),
    instrumentation.setup,
  ]
    .map(comment)
    .join("");
  const variables = env(connection);
  if (language !== "operator") return `${head}env:\n${indented(variables, 2)}`;
  const resource = {
    apiVersion: "opentelemetry.io/v1alpha1",
    kind: "Instrumentation",
    metadata: { name: objectName },
  };
  return `${head}${yaml(resource)}spec:\n  env:\n${indented(variables, 4)}`;
}

/** What an SDK speaks by itself, and what makes it speak the right thing. */
function spoken({ protocols, reads }: Instrumentation, { protocol }: Connection): string {
  const [builtIn, ...others] = protocols;
  if (others.length === 0) return `It speaks ${builtIn}, and nothing else.`;
  if (!reads.includes("OTEL_EXPORTER_OTLP_PROTOCOL")) return `It speaks ${builtIn} by default.`;
  return protocol === builtIn
    ? `It speaks ${builtIn} by default; the variable makes sure of it.`
    : `It speaks ${builtIn} by default, and is told ${protocol}.`;
}

/** Why no variable of an SDK leads to a destination, and what does. */
function reason({ protocols, reads }: Instrumentation, destination: Destination): string {
  const accepted = Object.keys(destination.endpoints);
  const target = `${destination.host} takes ${accepted.join(" and ")}`;
  if (!protocols.some((protocol) => accepted.includes(protocol))) {
    return `cannot send there. It speaks ${protocols.join(" and ")} alone, and ${target}. Use another exporter, or a stack with Collectors (topology agent or gateway).`;
  }
  const path = destination.endpoints["http/protobuf"]?.tracesPath ?? "";
  if (!reads.includes("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) {
    return `cannot send there by variables. It does not read OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, and to the other endpoint it would append /v1/traces, where ${destination.host} has ${path}. Set its endpoint in code, or use a stack with Collectors (topology agent or gateway).`;
  }
  return `cannot send there. It speaks ${protocols.join(" and ")}, and ${target}. Use a stack with Collectors (topology agent or gateway).`;
}

function env(connection: Connection): string {
  return containerEnv(connection)
    .map((variable) => {
      const said = comments[variable.name as string];
      return (said === undefined ? "" : comment(said)) + yaml([variable]);
    })
    .join("");
}

/** A comment of YAML, in lines that fit a terminal. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

const columns = 78;

function indented(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));
}

function yaml(value: object): string {
  return dump(value, { lineWidth: -1 });
}
