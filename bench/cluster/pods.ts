/** Namespace of the pods that are measured with. */
export const namespace = "bench";

/** Pods on the agent's own node: a node of a common size is full with 110, and seldom is. */
export const podsOnOwnNode = 30;

/** Nodes that the pods are spread over, the agent's own among them. */
export const nodes = 1000;

/** Node of the agent that is measured. */
export const ownNode = nodeName(0);

export function nodeName(index: number): string {
  return `node-${index}.example.internal`;
}

/** Index of a pod's node: the first pods are on the agent's own, so that it has as many in every cluster. */
export function nodeOf(pod: number): number {
  return pod < podsOnOwnNode ? 0 : 1 + ((pod - podsOnOwnNode) % (nodes - 1));
}

export function podName(index: number): string {
  return `svc-${index % 50}-5d8f7c9b64-${index.toString(36).padStart(5, "x")}`;
}

/**
 * A pod as a Deployment's controller writes it, with what most have: with defaults and `managedFields` it is
 * 5.5 KB of JSON, as which the Collector reads it.
 */
export function podObject(index: number) {
  const app = `svc-${index % 50}`;
  const token = { name: "kube-api-access", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName(index),
      namespace,
      labels: {
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/instance": app,
        "app.kubernetes.io/part-of": "shop",
        "app.kubernetes.io/version": "1.27.3",
        "pod-template-hash": "5d8f7c9b64",
      },
      annotations: {
        "kubectl.kubernetes.io/restartedAt": "2026-01-31T12:00:00Z",
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "checksum/config": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: `${app}-5d8f7c9b64`,
          uid: "8c2f9c0e-7a54-4c1b-9a33-0d6a5b1f7e21",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      nodeName: nodeName(nodeOf(index)),
      containers: [
        {
          name: app,
          image: `registry.example.com/shop/${app}:1.27.3`,
          ports: [{ name: "http", containerPort: 8080 }],
          env: [
            { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            { name: "DATABASE_PASSWORD", valueFrom: { secretKeyRef: { name: app, key: "password" } } },
            ...["cart", "order", "price", "stock", "user"].map((callee) => ({
              name: `${callee.toUpperCase()}_URL`,
              value: `http://svc-${callee}.shop.svc.cluster.local:8080`,
            })),
          ],
          resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } },
          livenessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10 },
          readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: [{ name: "config", mountPath: "/etc/config" }, token],
        },
      ],
      volumes: [
        { name: "config", configMap: { name: app } },
        {
          name: token.name,
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
              { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
            ],
          },
        },
      ],
    },
  };
}

/** What a kubelet says of a pod that runs. */
export function podStatus(index: number) {
  const app = `svc-${index % 50}`;
  const since = "2026-01-31T12:00:05Z";
  const podIP = `10.${128 + (index >> 16)}.${(index >> 8) & 0xff}.${index & 0xff}`;
  return {
    phase: "Running",
    podIP,
    podIPs: [{ ip: podIP }],
    hostIP: "10.0.0.1",
    startTime: since,
    conditions: ["PodScheduled", "Initialized", "PodReadyToStartContainers", "ContainersReady", "Ready"].map(
      (type) => ({ type, status: "True", lastTransitionTime: since }),
    ),
    containerStatuses: [
      {
        name: app,
        image: `registry.example.com/shop/${app}:1.27.3`,
        imageID: `registry.example.com/shop/${app}@sha256:${"4b825dc642cb6eb9".repeat(4)}`,
        containerID: `containerd://${index.toString(16).padStart(64, "0")}`,
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: since } },
      },
    ],
  };
}
