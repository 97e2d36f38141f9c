/**
 * One port of the Collector: the same entry feeds its configuration, container, Service and NetworkPolicy.
 */
export interface CollectorPort {
  readonly name: string;
  readonly port: number;
  /** Kubernetes `appProtocol`, which meshes and ingresses read. */
  readonly appProtocol: string;
  /** On the Service, for other pods; the kubelet's probes need no Service. */
  readonly onService: boolean;
}

/** OTLP's registered ports, and the Collector's conventional ones for health and its own metrics. */
export const ports = {
  otlpGrpc: { name: "otlp-grpc", port: 4317, appProtocol: "grpc", onService: true },
  otlpHttp: { name: "otlp-http", port: 4318, appProtocol: "http", onService: true },
  metrics: { name: "metrics", port: 8888, appProtocol: "http", onService: true },
  health: { name: "health", port: 13133, appProtocol: "http", onService: false },
} as const satisfies Record<string, CollectorPort>;

/** The ports that are open; the Collector's own metrics only where a stack asks for them. */
export function openPorts({ selfMetrics }: { readonly selfMetrics: boolean }): CollectorPort[] {
  return Object.values(ports).filter((port) => port !== ports.metrics || selfMetrics);
}

/** Listening on the pod's address, never on a wildcard: what is not meant for this pod cannot reach it. */
export const podListenAddress = "${env:MY_POD_IP}";
