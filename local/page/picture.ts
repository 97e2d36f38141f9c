import type { ReceivedSpan } from "../deepflow/received.ts";

/** One service of a demo as the page shows it. */
export interface PicturedService {
  /** Kubernetes name, for example `web-shop`. */
  readonly name: string;
  /** OpenTelemetry's `service.name`. Absent for what is not instrumented, which DeepFlow sees by eBPF only. */
  readonly serviceName?: string | undefined;
  /** `java`, `go`, `dotnet`, `nodejs`, `python` or `ruby`; what else it is has a neutral colour, as `mysql`. */
  readonly language: string;
  readonly pod: string;
  readonly node: string;
  readonly podIp: string;
  /** Spans that its SDK says it exported. */
  readonly sent: number;
  /** Spans that arrived. */
  readonly received: number;
  /** The distinct values of `app.host.ip` among those. */
  readonly appHostIps: readonly string[];
  /** What is wrong with it, a sentence; absent where nothing is. */
  readonly problem?: string | undefined;
}

/** One service calling another. */
export interface PicturedEdge {
  /** Kubernetes names; one that no service has is drawn too. */
  readonly from: string;
  readonly to: string;
  /** `grpc`, `http`, `mysql`, `redis`... */
  readonly protocol: string;
  /** `untraced` is an edge that is expected, but that no OpenTelemetry span can show. */
  readonly state: "seen" | "missing" | "unexpected" | "untraced";
  /** How many client spans show it. */
  readonly calls: number;
}

/** One demo: what was expected of it and what reached DeepFlow. */
export interface Picture {
  /** For people, for example `Spring Boot WebShop`. */
  readonly title: string;
  readonly namespace: string;
  readonly services: readonly PicturedService[];
  readonly edges: readonly PicturedEdge[];
  /** The trace to draw, some 20 to 100 spans in any order. */
  readonly trace: readonly ReceivedSpan[];
  /** Address of this demo in DeepFlow's dashboard. */
  readonly dashboard?: string | undefined;
}

/** Where and when the pictures were taken. */
export interface About {
  /** Name of the Pulumi stack. */
  readonly stack: string;
  /** What handed the spans to DeepFlow, for example `2 Collectors 0.158.0 on 2 nodes`. */
  readonly collectors: string;
  readonly generatedAt: Date;
}
