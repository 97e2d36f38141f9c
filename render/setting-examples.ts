const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/** What `pulumi config set --secret --path` leaves in a stack's file. */
const encrypted = { secure: "AAABAKkPHJZzJhLdYzKxMNVn" };

/** A value for every setting, which docs/settings.md shows. */
const values: Readonly<Record<string, unknown>> = {
  base: "dev",
  topology: "gateway",

  "otelAgent.namespace": "observability",
  "otelAgent.createNamespace": false,
  "otelAgent.image.registry": "mirror.example.com",
  "otelAgent.image.repository": "otel/opentelemetry-collector-k8s",
  "otelAgent.image.tag": "0.161.0",
  "otelAgent.image.digest": digest,
  "otelAgent.resources.requests.cpu": "250m",
  "otelAgent.resources.requests.memory": "256Mi",
  "otelAgent.resources.limits.cpu": "2",
  "otelAgent.resources.limits.memory": "1Gi",
  "otelAgent.k8sAttributes": ["k8s.namespace.name", "k8s.pod.name", "k8s.deployment.name"],
  "otelAgent.resourceAttributes": { "deployment.environment.name": "staging" },
  "otelAgent.selfMetrics": true,
  "otelAgent.monitoring.prometheusOperator": true,
  "otelAgent.monitoring.grafanaDashboard": true,
  "otelAgent.monitoring.labels": { release: "kube-prometheus-stack" },
  "otelAgent.receivers.jaeger.enabled": true,
  "otelAgent.receivers.zipkin.enabled": true,
  "otelAgent.tolerations": [{ key: "dedicated", operator: "Equal", value: "apps", effect: "NoSchedule" }],
  "otelAgent.nodeSelector": { "node.kubernetes.io/pool": "apps" },
  "otelAgent.priorityClassName": "system-node-critical",
  "otelAgent.preStopSleepSeconds": 20,
  "otelAgent.version": "0.161.0",
  "otelAgent.association": "resource",
  "otelAgent.serviceType": "LoadBalancer",
  "otelAgent.queue.storage": "pod",
  "otelAgent.queue.size": "1Gi",
  "otelAgent.gateway.replicas": 3,
  "otelAgent.gateway.autoscaling.minReplicas": 3,
  "otelAgent.gateway.autoscaling.maxReplicas": 9,
  "otelAgent.gateway.autoscaling.targetCpuUtilization": 60,
  "otelAgent.httpAttributes": false,
  "otelAgent.sampling.percentage": 12.5,
  "otelAgent.processors": {
    "attributes/team": { actions: [{ key: "team", value: "shop", action: "insert" }] },
  },
  "otelAgent.exporters": {
    "otlp_http/second": {
      endpoint: "https://second.example.com",
      headers: { authorization: "${env:SECOND_TOKEN}" },
    },
  },
  "otelAgent.secretEnv": { SECOND_TOKEN: { secret: "second-backend", key: "token" } },
  "otelAgent.destination.type": "nodeLocalService",
  "otelAgent.destination.service": "receiver",
  "otelAgent.destination.namespace": "tracing",
  "otelAgent.destination.port": 8080,
  "otelAgent.destination.targetPort": 38087,
  "otelAgent.destination.compression": "gzip",
  "otelAgent.destination.podSelector": { app: "deepflow", component: "receiver" },
  "otelAgent.destination.url": "https://deepflow.example.com/api/v1/otel/trace",

  "agentGroup.name": "edge",
  "agentGroup.id": "g-0123456789",
  "agentGroup.controller.host": "10.0.0.1",
  "agentGroup.controller.port": 20417,
  "agentGroup.controller.timeoutSeconds": 60,
  "agentGroup.transport": "http",
  "agentGroup.deepflowCtl": "/usr/local/bin/deepflow-ctl",
  "agentGroup.integration.enabled": true,
  "agentGroup.integration.listenPort": 38086,
  "agentGroup.integration.traces": true,

  hostCollectors: {
    "web-1": {
      host: "192.0.2.20",
      user: "deploy",
      hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyt0bCE1PcXPB0xCCwO8dVKgHOMsuzIcxhJsk6Qi0k1",
      privateKey: encrypted,
    },
  },

  ...demo("springBootWebShop", "shop", "svc-order"),
  "springBootWebShop.javaAgent.image.registry": "mirror.example.com",
  "springBootWebShop.javaAgent.image.repository": "example/opentelemetry-java-agent",
  "springBootWebShop.javaAgent.image.tag": "1.33.6",
  "springBootWebShop.javaAgent.image.digest": digest,
  "springBootWebShop.database.rootPassword": encrypted,
  "springBootWebShop.database.mydemoPassword": encrypted,
  "springBootWebShop.database.nacosPassword": encrypted,

  ...demo("otelWebStore", "store", "cartservice"),
  "otelWebStore.imageSet": "documents",
  "otelWebStore.imageTag": "latest",

  "grafana.url": "https://grafana.example.com/deepflow",
  "images.registry": "mirror.example.com/dockerhub",
};

/** What an example needs beside its own setting, by the beginning of its key. */
const beside: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "otelAgent.image.digest": { "otelAgent.image.tag": "0.161.0" },
  "otelAgent.version": { "otelAgent.image.tag": "latest" },
  "otelAgent.monitoring": { "otelAgent.selfMetrics": true },
  "otelAgent.serviceType": { "otelAgent.association": "resource" },
  "otelAgent.gateway": { topology: "gateway" },
  "otelAgent.gateway.autoscaling": { "otelAgent.gateway.autoscaling.maxReplicas": 9 },
  "otelAgent.exporters": { "otelAgent.secretEnv": values["otelAgent.secretEnv"] },
  "otelAgent.queue.size": { "otelAgent.queue.storage": "pod" },
  "otelAgent.destination.podSelector": { "otelAgent.destination.type": "nodeLocalService" },
  "otelAgent.destination.url": { "otelAgent.destination.type": "url" },
  agentGroup: { "agentGroup.controller.host": "10.0.0.1" },
  "otelWebStore.imageSet": { "otelWebStore.imageTag": "latest" },
  "otelWebStore.imageTag": { "otelWebStore.imageSet": "documents" },
};

function demo(name: string, namespace: string, service: string): Record<string, unknown> {
  return {
    [`${name}.namespace`]: namespace,
    [`${name}.frontEndType`]: "LoadBalancer",
    [`${name}.loadGenerator.replicas`]: 0,
    [`${name}.loadGenerator.users`]: 5,
    [`${name}.services`]: {
      [service]: { image: { registry: "mirror.example.com", tag: "1.1" }, memory: "1Gi" },
    },
    [`${name}.architecture`]: "any",
    [`${name}.persistence.size`]: "5Gi",
    [`${name}.persistence.storageClass`]: "fast",
    [`${name}.allServicesTraced`]: true,
  };
}

/**
 * Settings that show how one of them is used, whole: with what must be set beside it.
 *
 * @throws Error, a sentence, for a setting without an example.
 */
export function exampleOf(key: string): object {
  if (!Object.hasOwn(values, key)) {
    throw new Error(`${key} has no example; add a value for it to render/setting-examples.ts.`);
  }
  const others = Object.entries(beside).filter(([start]) => `${key}.`.startsWith(`${start}.`));
  return nested(
    Object.assign({}, ...others.map(([, settings]) => settings), { [key]: values[key] }) as object,
  );
}

function nested(settings: object): object {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    const names = key.split(".");
    const last = names.pop() ?? key;
    const group = names.reduce<Record<string, unknown>>(
      (at, name) => (at[name] ??= {}) as Record<string, unknown>,
      root,
    );
    group[last] = value;
  }
  return root;
}
