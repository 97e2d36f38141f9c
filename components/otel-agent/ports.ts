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

/** Receivers besides OTLP's that a stack can switch on. */
export interface ReceiverSettings {
  readonly jaeger: { readonly enabled: boolean };
  readonly zipkin: { readonly enabled: boolean };
}

/** No receiver but OTLP's. */
export const onlyOtlp: ReceiverSettings = { jaeger: { enabled: false }, zipkin: { enabled: false } };

/** What decides which ports are open. */
export interface OpenPortsArgs {
  readonly selfMetrics: boolean;
  readonly receivers: ReceiverSettings;
}

/**
 * OTLP's registered ports, those of Jaeger's collector and of Zipkin's server, and the Collector's
 * conventional ones for health and its own metrics.
 */
export const ports = {
  otlpGrpc: { name: "otlp-grpc", port: 4317, appProtocol: "grpc", onService: true },
  otlpHttp: { name: "otlp-http", port: 4318, appProtocol: "http", onService: true },
  jaegerGrpc: { name: "jaeger-grpc", port: 14250, appProtocol: "grpc", onService: true },
  jaegerHttp: { name: "jaeger-http", port: 14268, appProtocol: "http", onService: true },
  zipkin: { name: "zipkin", port: 9411, appProtocol: "http", onService: true },
  metrics: { name: "metrics", port: 8888, appProtocol: "http", onService: true },
  health: { name: "health", port: 13133, appProtocol: "http", onService: false },
} as const satisfies Record<string, CollectorPort>;

/** The ports that are open: OTLP's and health always, the others where a stack asks for them. */
export function openPorts({ selfMetrics, receivers: { jaeger, zipkin } }: OpenPortsArgs): CollectorPort[] {
  return [
    ports.otlpGrpc,
    ports.otlpHttp,
    ...(jaeger.enabled ? [ports.jaegerGrpc, ports.jaegerHttp] : []),
    ...(zipkin.enabled ? [ports.zipkin] : []),
    ...(selfMetrics ? [ports.metrics] : []),
    ports.health,
  ];
}

/** Listening on the pod's address, never on a wildcard: what is not meant for this pod cannot reach it. */
export const podListenAddress = "${env:MY_POD_IP}";
