import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SettingsError } from "../components/schema/settings-error.ts";
import { generatedFiles, upToDate } from "../render/generated-docs.ts";
import { parseSettings, schema } from "../settings.ts";

function sentences(otelAgent: unknown, config: Record<string, string> = {}): readonly string[] {
  try {
    parseSettings({ "deepflow-otel:otelAgent": JSON.stringify(otelAgent), ...config });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.sentences;
    throw error;
  }
}

test("a stack that sets nothing gets all defaults", () => {
  const { topology, otelAgent, images } = parseSettings({});
  expect(topology).toBe("agent");
  expect(images).toEqual({});
  expect(otelAgent).toMatchObject({
    namespace: "open-telemetry",
    createNamespace: true,
    destination: {
      type: "service",
      service: "deepflow-agent",
      namespace: "deepflow",
      port: 80,
      targetPort: 38086,
    },
  });
  expect(otelAgent.resources.limits.memory.toString()).toBe("512Mi");
});

test("keys of other namespaces are not ours to judge", () => {
  expect(parseSettings({ "kubernetes:context": "kind" })).toEqual(parseSettings({}));
});

test("quantities are put into the spelling that the API server stores", () => {
  const { resources } = parseSettings({
    "deepflow-otel:otelAgent": JSON.stringify({ resources: { limits: { cpu: "2000m", memory: "1024Mi" } } }),
  }).otelAgent;
  expect(`${resources.limits.cpu.toString()} ${resources.limits.memory.toString()}`).toBe("2 1Gi");
});

describe("an error names the key, what was found, and what to write", () => {
  test.each([
    [
      { namespace: "Open_Telemetry" },
      'deepflow-otel:otelAgent.namespace is "Open_Telemetry"; write a Kubernetes name: lower-case letters, digits and hyphens, at most 63.',
    ],
    [{ selfMetrics: "yes" }, 'deepflow-otel:otelAgent.selfMetrics is "yes"; write true or false.'],
    [
      { image: { tag: "latest" } },
      "deepflow-otel:otelAgent.version is missing, but the image tag latest does not say the version of the Collector; write it, such as 0.149.0.",
    ],
    [
      { image: { digest: `sha256:${"0".repeat(64)}` } },
      "deepflow-otel:otelAgent.version is missing, but a digest alone does not say the version of the Collector; write it, such as 0.149.0.",
    ],
    [
      { image: { tag: "v0.110.1" } },
      'deepflow-otel:otelAgent.image.tag is "v0.110.1", but before 0.111.0 a Collector is configured in other ways, and up to 0.103 it cannot extract k8s.pod.ip, which app.host.ip is made from; write 0.111.0 or newer.',
    ],
    [
      { destination: { type: "url", url: "https://me:hunter2@otel.example.com/" } },
      'deepflow-otel:otelAgent.destination.url is "https://…@otel.example.com/"; write the whole http:// or https:// URL that takes traces, without a password in it.',
    ],
    [
      { resources: { limits: { memory: "64Mi" } } },
      'deepflow-otel:otelAgent.resources.limits.memory is "64Mi"; write a quantity of memory of at least 128Mi, such as 512Mi or 1Gi.',
    ],
    [
      { destination: { port: 70000 } },
      "deepflow-otel:otelAgent.destination.port is 70000; write a port, 1 to 65535.",
    ],
    [{ destination: null }, "deepflow-otel:otelAgent.destination is null; write a map of settings."],
    [
      { resourceAttributes: { team: 7 } },
      "deepflow-otel:otelAgent.resourceAttributes.team is 7; write a text, in quotes where it looks like something else.",
    ],
    [
      { resourceAttributes: { "app.host.ip": "10.0.0.1" } },
      'deepflow-otel:otelAgent.resourceAttributes["app.host.ip"] is no key that can be used here; write a map from attribute to text; app.host.ip and k8s.pod.ip say which pod sent a span and cannot be fixed.',
    ],
  ])("%j", (otelAgent, sentence) => {
    expect(sentences(otelAgent)).toContain(sentence);
  });

  test("an unknown key, at any depth, with the keys that there are", () => {
    expect(sentences({ images: {}, destination: { prot: 80 } })).toEqual([
      "deepflow-otel:otelAgent.destination.prot is no setting where type is service; write one of type, service, namespace, port, targetPort, compression, or leave it out.",
      expect.stringMatching(
        /^deepflow-otel:otelAgent\.images is no setting; write one of namespace, .*, or leave it out\.$/,
      ),
    ]);
  });
});

describe("settings that exclude each other are an error", () => {
  test.each([
    [
      "a namespace that every cluster has, and creating it",
      { namespace: "default" },
      "deepflow-otel:otelAgent.createNamespace is true by default, but every cluster has the namespace default; write false, or another namespace.",
    ],
    [
      "alerts on metrics that are off",
      { monitoring: { prometheusOperator: true } },
      "deepflow-otel:otelAgent.selfMetrics is false by default, but monitoring.prometheusOperator reads these metrics; write true, or leave monitoring out.",
    ],
    [
      "a dashboard of metrics that are off",
      { monitoring: { grafanaDashboard: true } },
      "deepflow-otel:otelAgent.selfMetrics is false by default, but monitoring.grafanaDashboard reads these metrics; write true, or leave monitoring out.",
    ],
    [
      "a size of a queue in memory",
      { queue: { size: "1Gi" } },
      'deepflow-otel:otelAgent.queue.size is "1Gi", but storage is memory, where the queue is a tenth of resources.limits.memory; write storage pod or node, or leave size out.',
    ],
    [
      "a request above its limit",
      { resources: { requests: { memory: "1Gi" } } },
      'deepflow-otel:otelAgent.resources.requests.memory is "1Gi", but limits.memory is 512Mi; write no more than that, or raise the limit.',
    ],
    [
      "operator Exists and a value",
      { tolerations: [{ key: "dedicated", operator: "Exists", value: "otel" }] },
      'deepflow-otel:otelAgent.tolerations[0].value is "otel", but operator Exists tolerates every value; leave one of the two out.',
    ],
    [
      "no key and an operator that compares",
      { tolerations: [{ effect: "NoSchedule" }] },
      "deepflow-otel:otelAgent.tolerations[0].key is missing, but only operator Exists tolerates taints of every key; write a key or that operator.",
    ],
    [
      "seconds and an effect that does not evict",
      { tolerations: [{ key: "a", tolerationSeconds: 5 }] },
      "deepflow-otel:otelAgent.tolerations[0].tolerationSeconds is 5, but only effect NoExecute evicts; set that effect or leave the seconds out.",
    ],
    [
      "a URL and a type that does not use it",
      { destination: { type: "node", url: "https://otel.example.com/" } },
      "deepflow-otel:otelAgent.destination.url is no setting where type is node; write type url, or leave it out.",
    ],
    [
      "a fixed number of gateways and autoscaling",
      { gateway: { replicas: 3, autoscaling: { maxReplicas: 5 } } },
      "deepflow-otel:otelAgent.gateway.replicas is 3, but autoscaling decides the number of gateways; leave one of the two out.",
      "gateway",
    ],
    [
      "gateways and another topology",
      { gateway: { replicas: 3 } },
      "deepflow-otel:otelAgent.gateway is { replicas }, but topology agent has no gateways; write topology gateway, or leave these settings out.",
    ],
    [
      "a NodePort and association by the connection",
      { serviceType: "NodePort" },
      "deepflow-otel:otelAgent.serviceType is \"NodePort\", but behind it the Collector sees the node's or load balancer's address instead of the pod's; write ClusterIP, or set otelAgent.association to resource.",
    ],
  ])("%s", (_, otelAgent, sentence, topology = "agent") => {
    expect(sentences(otelAgent, { "deepflow-otel:topology": topology })).toEqual([sentence]);
  });

  test("an agent group by name and by id, and a port that the agents' Service does not lead to", () => {
    const group = {
      ...{ name: "edge", id: "g-0123456789", controller: { host: "192.0.2.10" } },
      integration: { listenPort: 38090 },
    };
    expect(sentences({}, { "deepflow-otel:agentGroup": JSON.stringify(group) })).toEqual([
      'deepflow-otel:agentGroup.id is "g-0123456789", but name says which group already; leave one of the two out.',
      "deepflow-otel:agentGroup.integration.listenPort is 38090, but otelAgent.destination.targetPort is 38086, and the agents' Service leads there; write the same port in both.",
    ]);
  });

  test("but a load balancer in front of what goes by the resource is fine", () => {
    expect(sentences({ serviceType: "LoadBalancer", association: "resource" })).toEqual([]);
    expect(sentences({ serviceType: "NodePort" }, { "deepflow-otel:topology": "gateway" })).toEqual([]);
  });
});

describe("a processor that could break app.host.ip, or a trace, is an error that says why", () => {
  test.each([
    [
      { "resource/mine": { attributes: [{ key: "app.host.ip", action: "delete" }] } },
      "resource/mine touches app.host.ip",
    ],
    [
      { "transform/x": { trace_statements: ['set(resource.attributes["k8s.pod.ip"], "")'] } },
      "touches k8s.pod.ip",
    ],
    [
      { redaction: { allowed_keys: ["http.method"] } },
      "redaction removes every attribute that it does not list",
    ],
    [
      {
        "transform/keep": {
          trace_statements: [{ context: "resource", statements: ['keep_keys(attributes, ["a"])'] }],
        },
      },
      "transform/keep removes attributes by pattern",
    ],
    [{ groupbyattrs: null }, "groupbyattrs moves spans to other resources"],
    [{ tail_sampling: {} }, "tail_sampling needs every span of a trace in one Collector, and topology agent"],
    [{ k8s_attributes: {} }, "k8s_attributes is a processor that the stack has itself"],
    [{ "batch/mine": null }, "batch/mine is a processor that the stack has itself"],
  ])("%j", (processors, reason) => {
    expect(sentences({ processors })).toEqual([expect.stringContaining(reason)]);
  });

  test("and one that cannot is none", () => {
    const processors = {
      "attributes/team": { actions: [{ key: "team", value: "shop", action: "insert" }] },
      redaction: { allow_all_keys: true, blocked_values: ["4[0-9]{15}"] },
    };
    expect(sentences({ processors })).toEqual([]);
    const gateway = { gateway: { replicas: 1 }, processors: { tail_sampling: {} } };
    expect(sentences(gateway, { "deepflow-otel:topology": "gateway" })).toEqual([]);
  });
});

test("an exporter of a stack's own does not take the place of DeepFlow's", () => {
  expect(sentences({ exporters: { otlp_http: {} } })).toEqual([
    "deepflow-otel:otelAgent.exporters is { otlp_http }, but otlp_http is the exporter to DeepFlow; call this one otlp_http/ and a name.",
  ]);
});

test("all errors come at once, those between settings too", () => {
  const found = sentences(
    { namespace: "default", selfMetrics: 1, resources: { requests: { cpu: "9" }, limits: { memory: 512 } } },
    { "deepflow-otel:topology": "mesh", "deepflow-otel:nonsense": "1", "deepflow-otel:images": "none" },
  );
  const keys = [
    "createNamespace",
    "selfMetrics",
    "requests.cpu",
    "limits.memory",
    "topology",
    "nonsense",
    "images",
  ];
  expect(keys.filter((key) => !found.some((sentence) => sentence.includes(key)))).toEqual([]);
  expect(found).toHaveLength(keys.length);
});

test("a secret value does not appear in an error", () => {
  const config = { "deepflow-otel:otelAgent": JSON.stringify({ namespace: "HUNTER2" }) };
  const parse = () => parseSettings(config, new Set(["deepflow-otel:otelAgent"]));
  expect(parse).toThrow("deepflow-otel:otelAgent.namespace is [secret]; write a Kubernetes name");
  expect(parse).not.toThrow("HUNTER2");
});

describe("any input gives valid settings or sentences, never a crash", () => {
  const keys = fc.constantFrom("topology", "otelAgent", "images", "nonsense", "__proto__", "constructor");
  const nested: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.constantFrom("512Mi", "1", "Exists", "agent", true, 1, null, ""),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            ...[
              "image",
              "tag",
              "resources",
              "limits",
              "requests",
              "memory",
              "cpu",
              "tolerations",
              "operator",
            ],
            ...[
              "namespace",
              "createNamespace",
              "destination",
              "port",
              "resourceAttributes",
              "__proto__",
              "toString",
            ],
          ),
        ),
        tie("value"),
        { maxKeys: 5 },
      ),
    ),
  })).value;
  const texts = fc.oneof(
    fc.string(),
    nested.map((value) => JSON.stringify(value)),
  );

  function expectSettingsOrSentences(config: Record<string, string>) {
    try {
      expect(schema.safeParse(parseSettings(config)).success).toBe(true);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      expect(error.sentences).not.toEqual([]);
      for (const sentence of error.sentences)
        expect(sentence).toMatch(/^deepflow-otel:.* is .*; .*\.$|, but .*\.$/s);
    }
  }

  test("from any configuration", () => {
    fc.assert(
      fc.property(fc.dictionary(keys, texts, { maxKeys: 4 }), (settings) => {
        const config = Object.fromEntries(
          Object.entries(settings).map(([key, value]) => [`deepflow-otel:${key}`, value]),
        );
        expectSettingsOrSentences(config);
      }),
      { numRuns: 500 },
    );
  });

  test("and valid settings stay the same when they are read again", () => {
    const valid = fc.record(
      {
        namespace: fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/).filter((name) => name !== "default"),
        selfMetrics: fc.boolean(),
        resourceAttributes: fc.dictionary(fc.stringMatching(/^[a-z][a-z.]{0,10}$/), fc.string()),
        resources: fc.record({
          limits: fc.record({ memory: fc.integer({ min: 128, max: 9999 }).map((mib) => `${mib}Mi`) }),
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(valid, (otelAgent) => {
        const first = parseSettings({ "deepflow-otel:otelAgent": JSON.stringify(otelAgent) });
        expect(parseSettings({ "deepflow-otel:otelAgent": JSON.stringify(first.otelAgent) })).toEqual(first);
      }),
    );
  });
});

test.each(generatedFiles)("%s says what the program says; if not, run `npm run generate`", async (file) => {
  expect(readFileSync(file, "utf8")).toBe(await upToDate(file));
});
