import { z } from "zod";
import { mebibytes, parseQuantity } from "../quantity.ts";
import {
  dnsLabel,
  dnsLabelExpected,
  dnsSubdomain,
  labelKey,
  labelValue,
  port,
  portExpected,
  quantity,
  rule,
  setting,
  settings,
  settingsWithDefaults,
} from "../schema.ts";
import { appHostIp } from "./collector-config.ts";
import { k8sAttributes, podIp, type K8sAttribute } from "./k8s-attributes.ts";
import { leastMemoryMib } from "./memory.ts";

/** Version of the Collector that is run when a stack names none: the one that the tests run. */
export const collectorVersion = "0.149.0";

const attributeNames = Object.keys(k8sAttributes) as [K8sAttribute, ...K8sAttribute[]];

const attributesExpected = `one of ${attributeNames.join(", ")}`;

/** Namespaces that every cluster has, so that creating one of them fails. */
const standardNamespaces: readonly unknown[] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Attributes by which DeepFlow finds the pod; a fixed value would give every span to one pod. */
const reservedAttributes: readonly string[] = [appHostIp, podIp];

const image = settingsWithDefaults(
  {
    registry: setting(
      z
        .string()
        .regex(/^[a-z0-9][-a-z0-9.]*(?::\d+)?(?:\/[-a-z0-9._/]+)?$/)
        .default("docker.io"),
      "a registry, such as mirror.example.com or mirror.example.com/dockerhub",
      "Registry of the Collector's image; `images.registry` replaces it.",
    ),
    repository: setting(
      z
        .string()
        .regex(/^[a-z0-9][-a-z0-9._/]*$/)
        .default("otel/opentelemetry-collector-contrib"),
      "a repository without registry or tag",
      "Repository of an image that holds the Collector with the `k8s_attributes` processor.",
    ),
    tag: setting(
      z
        .string()
        .regex(/^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$/)
        .refine((tag) => tag !== "latest")
        .default(collectorVersion),
      `a tag that names a version, such as ${collectorVersion}; latest is another image tomorrow`,
      "Version of the Collector. The default is the one that the tests run.",
    ),
    digest: setting(
      z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/)
        .optional(),
      "a digest: sha256: and 64 hexadecimal digits",
      "Pins the image's content; the tag then only says which version it is.",
    ),
  },
  "The Collector's image.",
);

const cpu = (value: string, description: string) =>
  setting(quantity.prefault(value), "a quantity of CPU in quotes, such as 500m or 2", description);
const memory = (value: string, description: string) =>
  setting(
    quantity.refine((text) => mebibytesOf(text) >= 1).prefault(value),
    "a quantity of memory, such as 512Mi or 1Gi",
    description,
  );

const resources = settingsWithDefaults(
  {
    requests: settingsWithDefaults(
      {
        cpu: cpu("100m", "CPU that the scheduler reserves."),
        memory: memory("128Mi", "Memory that the scheduler reserves."),
      },
      "What the scheduler reserves per pod.",
    ),
    limits: settingsWithDefaults(
      {
        cpu: cpu("1", "CPU at most."),
        memory: setting(
          quantity.refine((text) => mebibytesOf(text) >= leastMemoryMib).prefault("512Mi"),
          `a quantity of memory of at least ${leastMemoryMib}Mi, such as 512Mi or 1Gi`,
          "Memory at most. GOMEMLIMIT, the memory limiter and the queue are sized from it.",
        ),
      },
      "What a pod may use.",
    ),
  },
  "Resources of the Collector's container.",
)
  .refine(...withinLimit("cpu"))
  .refine(...withinLimit("memory"));

const toleration = settings(
  {
    key: setting(labelKey.optional(), "a taint's key", "Key of the taint; all where it is left out."),
    operator: setting(
      z.enum(["Exists", "Equal"]).optional(),
      "Exists or Equal",
      "How the value is compared.",
    ),
    value: setting(labelValue.optional(), "a taint's value", "Value of the taint, for operator Equal."),
    effect: setting(
      z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
      "NoSchedule, PreferNoSchedule or NoExecute",
      "Effect of the taint; all where it is left out.",
    ),
    tolerationSeconds: setting(
      z.int().min(0).optional(),
      "a whole number of seconds",
      "How long a pod stays on a node with such a taint.",
    ),
  },
  "A toleration as in a pod.",
)
  .refine(
    ...rule<{ operator?: unknown; value?: unknown }>(
      ["value"],
      ({ operator, value }) => operator !== "Exists" || value === undefined || value === "",
      () => "operator Exists tolerates every value; leave one of the two out",
    ),
  )
  .refine(
    ...rule<{ operator?: unknown; key?: unknown }>(
      ["key"],
      ({ operator, key }) => operator === "Exists" || key !== undefined,
      () => "only operator Exists tolerates taints of every key; write a key or that operator",
    ),
  )
  .refine(
    ...rule<{ effect?: unknown; tolerationSeconds?: unknown }>(
      ["tolerationSeconds"],
      ({ effect, tolerationSeconds }) => tolerationSeconds === undefined || effect === "NoExecute",
      () => "only effect NoExecute evicts; set that effect or leave the seconds out",
    ),
  );

/** Settings of the Collector (`deepflow-otel:otelAgent`). */
export const otelAgentSettings = settingsWithDefaults(
  {
    namespace: setting(dnsLabel.default("open-telemetry"), dnsLabelExpected, "Namespace of the Collector."),
    createNamespace: setting(
      z.boolean().default(true),
      "true or false",
      "Whether the stack owns the namespace. `false` for one that exists already.",
    ),
    image,
    resources,
    k8sAttributes: setting(
      z
        .array(setting(z.enum(attributeNames), attributesExpected, "An attribute of the sending pod."))
        .default([
          "k8s.namespace.name",
          "k8s.pod.name",
          "k8s.pod.uid",
          "k8s.node.name",
          "k8s.deployment.name",
          "k8s.statefulset.name",
          "k8s.daemonset.name",
        ]),
      `a list, each item ${attributesExpected}`,
      "What is looked up about the sending pod, besides `k8s.pod.ip`. RBAC follows it.",
    ),
    resourceAttributes: setting(
      z
        .record(
          z
            .string()
            .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/)
            .refine((key) => !reservedAttributes.includes(key)),
          setting(
            z.string(),
            "a text, in quotes where it looks like something else",
            "Value of the attribute.",
          ),
        )
        .default({}),
      `a map from attribute to text; ${reservedAttributes.join(" and ")} say which pod sent a span and cannot be fixed`,
      "Resource attributes that every span gets, for example `deployment.environment.name`.",
    ),
    selfMetrics: setting(
      z.boolean().default(false),
      "true or false",
      "Whether the Collector offers its own metrics to Prometheus, on port 8888.",
    ),
    tolerations: setting(
      z.array(toleration).default([{ operator: "Exists" }]),
      "a list of tolerations as in a pod",
      "Which taints the Collector tolerates. All by default: the Service is node-local, so every node with senders needs one.",
    ),
    nodeSelector: setting(
      z.record(labelKey, labelValue).default({ "kubernetes.io/os": "linux" }),
      "a map of node labels",
      "Nodes that get a Collector.",
    ),
    priorityClassName: setting(
      dnsSubdomain.optional(),
      "the name of a PriorityClass",
      "Priority class of the pods, for example `system-node-critical`.",
    ),
    destination: settingsWithDefaults(
      {
        service: setting(
          dnsLabel.default("deepflow-agent"),
          dnsLabelExpected,
          "Service in front of the deepflow-agents.",
        ),
        namespace: setting(dnsLabel.default("deepflow"), dnsLabelExpected, "Its namespace."),
        port: setting(port.default(80), portExpected, "Its port."),
        targetPort: setting(
          port.default(38086),
          portExpected,
          "The agents' own port behind it (`inputs.integration.listen_port`).",
        ),
      },
      "Where the Collector sends to. The defaults are those of DeepFlow's Helm chart.",
    ),
  },
  "The OpenTelemetry Collector on every node.",
).refine(
  ...rule<{ namespace?: unknown; createNamespace?: unknown }>(
    ["createNamespace"],
    ({ namespace, createNamespace }) => createNamespace !== true || !standardNamespaces.includes(namespace),
    ({ namespace }) =>
      `every cluster has the namespace ${String(namespace)}; write false, or another namespace`,
  ),
);

export type OtelAgentSettings = z.output<typeof otelAgentSettings>;

/** A request above its limit is refused by the API server; here it is an error that names both. */
function withinLimit(name: "cpu" | "memory") {
  type Given = Partial<Record<"requests" | "limits", Partial<Record<"cpu" | "memory", unknown>>>>;
  const quantityOf = (value: unknown) => (typeof value === "string" ? parseQuantity(value) : undefined);
  return rule<Given>(
    ["requests", name],
    ({ requests, limits }) => {
      const [request, limit] = [quantityOf(requests?.[name]), quantityOf(limits?.[name])];
      return !request || !limit || request.milli <= limit.milli;
    },
    ({ limits }) =>
      `limits.${name} is ${String(limits?.[name])}; write no more than that, or raise the limit`,
  );
}

function mebibytesOf(text: string): number {
  const parsed = parseQuantity(text);
  return parsed ? mebibytes(parsed) : 0;
}
