import type * as k8s from "@pulumi/kubernetes";
import { ephemeralStorageLimit, ephemeralStorageRequest } from "../ephemeral-storage.ts";
import type { Quantity } from "../quantity.ts";
import { shutdownSeconds } from "./collector-config.ts";
import { configKey } from "./config-map.ts";
import { openPorts, ports, type OpenPortsArgs } from "./ports.ts";
import { diskQueueMib, nodeQueueFolder, queueFolder, type QueueSettings } from "./queue.ts";

/** A key of a Secret that exists already. */
export interface SecretKey {
  readonly secret: string;
  readonly key: string;
}

interface Resources {
  readonly cpu: Quantity;
  readonly memory: Quantity;
}

/** What the Collector's pods are made from, besides their configuration. */
export interface PodTemplateArgs extends OpenPortsArgs {
  readonly image: string;
  /** Name of the ConfigMap with the configuration, which changes with it. */
  readonly configMap: string;
  readonly serviceAccount: string;
  /** Whether the Collector asks the API server anything. */
  readonly watchesPods: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: { readonly requests: Resources; readonly limits: Resources };
  /** Variables of its Go runtime. */
  readonly goEnvironment: Readonly<Record<string, string>>;
  readonly queue: QueueSettings;
  readonly namespace: string;
  readonly secretEnv: Readonly<Record<string, SecretKey>>;
  readonly tolerations: readonly k8s.types.input.core.v1.Toleration[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly priorityClassName?: string | undefined;
  /** Seconds that a pod which is told to end goes on receiving; 0: none. */
  readonly preStopSleepSeconds: number;
  readonly topologySpreadConstraints?: k8s.types.input.core.v1.TopologySpreadConstraint[];
}

const configFile = `${configKey}.yaml`;

/**
 * User of the official Collector images (opentelemetry-collector-releases, `distributions/*\/Dockerfile`).
 */
const collectorUser = 10001;

/**
 * The pod of a Collector. It satisfies the Pod Security level `restricted`, and reads its configuration from
 * a ConfigMap, whose name changes with its content, so that a changed configuration rolls the pods and an
 * unchanged one does not.
 */
export function podTemplate(args: PodTemplateArgs): k8s.types.input.core.v1.PodTemplateSpec {
  const { priorityClassName, topologySpreadConstraints } = args;
  return {
    metadata: { labels: { ...args.labels } },
    spec: {
      serviceAccountName: args.serviceAccount,
      automountServiceAccountToken: args.watchesPods,
      enableServiceLinks: false,
      // It begins with preStop.
      terminationGracePeriodSeconds: args.preStopSleepSeconds + shutdownSeconds,
      ...(priorityClassName !== undefined && { priorityClassName }),
      ...(topologySpreadConstraints && { topologySpreadConstraints }),
      // The API server does not store what is empty, and every preview would show it as a difference.
      ...(Object.keys(args.nodeSelector).length > 0 && { nodeSelector: { ...args.nodeSelector } }),
      ...(args.tolerations.length > 0 && {
        tolerations: args.tolerations.map((toleration) => ({ ...toleration })),
      }),
      securityContext: podSecurityContext(args.queue),
      containers: [container(args)],
      volumes: [
        {
          name: "config",
          configMap: { name: args.configMap, items: [{ key: configKey, path: configFile }] },
        },
        ...queueVolumes(args),
      ],
    },
  };
}

/**
 * A folder of the node belongs to root, and to whom it belongs cannot be set in a pod: a Collector that
 * writes there is root, without a single capability.
 */
function podSecurityContext({ storage }: QueueSettings): k8s.types.input.core.v1.PodSecurityContext {
  const seccompProfile = { type: "RuntimeDefault" };
  if (storage === "node") return { runAsUser: 0, runAsGroup: 0, seccompProfile };
  return {
    runAsNonRoot: true,
    runAsUser: collectorUser,
    runAsGroup: collectorUser,
    // The volume's group, so that this user may write to it.
    ...(storage === "pod" && { fsGroup: collectorUser }),
    seccompProfile,
  };
}

function queueVolumes({ queue, namespace }: PodTemplateArgs): k8s.types.input.core.v1.Volume[] {
  switch (queue.storage) {
    case "memory":
      return [];
    case "pod":
      // Without sizeLimit: the kubelet would evict the pod, and with it what waits.
      return [{ name: "queue", emptyDir: {} }];
    case "node":
      return [{ name: "queue", hostPath: { path: nodeQueueFolder(namespace), type: "DirectoryOrCreate" } }];
  }
}

/**
 * GiB of the node's disk that a container may have: its logs, and twice the queue, which is copied when its
 * file is made small.
 */
function ephemeralStorageGib({ storage, size }: QueueSettings): number {
  const mib = storage === "pod" ? (diskQueueMib({ storage, size }) ?? 0) : 0;
  return 1 + Math.ceil((2 * mib) / 1024);
}

function container(args: PodTemplateArgs): k8s.types.input.core.v1.Container {
  const healthy = { httpGet: { path: "/", port: ports.health.name } };
  return {
    name: "otel-agent",
    image: args.image,
    args: [`--config=/conf/${configFile}`],
    env: [
      fieldRef("MY_POD_IP", "status.podIP"),
      fieldRef("HOST_IP", "status.hostIP"),
      fieldRef("K8S_NODE_NAME", "spec.nodeName"),
      ...Object.entries(args.goEnvironment).map(([name, value]) => ({ name, value })),
      ...Object.entries(args.secretEnv).map(([name, { secret, key }]) => ({
        name,
        valueFrom: { secretKeyRef: { name: secret, key } },
      })),
    ],
    ports: openPorts(args).map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" })),
    resources: {
      requests: { ...texts(args.resources.requests), ...ephemeralStorageRequest },
      // Its root file system is read-only: all that it writes are its logs, and its queue.
      limits: { ...texts(args.resources.limits), ...ephemeralStorageLimit(ephemeralStorageGib(args.queue)) },
    },
    // A Collector closes its ports at SIGTERM, and kube-proxies send to them until they have followed the
    // change of endpoints.
    ...(args.preStopSleepSeconds > 0 && {
      lifecycle: { preStop: { sleep: { seconds: args.preStopSleepSeconds } } },
    }),
    // The Collector answers once it watches its pods, which may take until wait_for_metadata_timeout.
    startupProbe: { ...healthy, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...healthy, periodSeconds: 5 },
    livenessProbe: { ...healthy, periodSeconds: 10, failureThreshold: 3 },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "config", mountPath: "/conf", readOnly: true },
      ...(args.queue.storage === "memory" ? [] : [{ name: "queue", mountPath: queueFolder }]),
    ],
  };
}

function texts({ cpu, memory }: Resources) {
  return { cpu: cpu.toString(), memory: memory.toString() };
}

function fieldRef(name: string, fieldPath: string): k8s.types.input.core.v1.EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
