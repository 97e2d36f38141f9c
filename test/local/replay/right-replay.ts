import { portOf, rows, serviceNameOf, type Demo } from "../../../components/demo/table.ts";
import type { Attributes, SpanKind } from "../../../local/deepflow/otlp.ts";
import type { ReceivedSpan } from "../../../local/deepflow/received.ts";
import type { ReplayedService } from "../../../local/replay/replayed-service.ts";
import type { OutgoingCall, SpanId } from "../../../local/replay/service-spec.ts";
import { stackFrom } from "../../../stack.ts";

/** Both demos with default settings. */
export const { springBootWebShop: webShop, otelWebStore: webStore } = demos();

function demos(): { springBootWebShop: Demo; otelWebStore: Demo } {
  const { springBootWebShop, otelWebStore } = stackFrom({
    "deepflow-otel:springBootWebShop": "{}",
    "deepflow-otel:otelWebStore": "{}",
  }).demos;
  if (!springBootWebShop || !otelWebStore) throw new Error("Both demos were asked for.");
  return { springBootWebShop: springBootWebShop.demo, otelWebStore: otelWebStore.demo };
}

/** What a comparison compares. */
export interface Material {
  readonly demo: Demo;
  readonly replayed: readonly ReplayedService[];
  readonly received: readonly ReceivedSpan[];
}

/** A replay in which everything went right: what every pod says, and every span, without any pod or span. */
export function rightReplay(demo: Demo): Material {
  const received: ReceivedSpan[] = [];
  const outgoingCalls = new Map<string, OutgoingCall[]>();
  const requests = new Map<string, number>();
  const servicePods = rows(demo).map((row, index) => ({
    row,
    service: row.name,
    pod: `${row.name}-pod`,
    node: `node-${(index % 2) + 1}`,
    podIp: `10.244.0.${index + 1}`,
    serviceIp: portOf(row.service) && `10.96.0.${index + 1}`,
  }));
  const servicePodOf = (name: string) => {
    const pod = servicePods.find(({ service }) => service === name);
    if (!pod) throw new Error(`${name} is no service of ${demo.title}.`);
    return pod;
  };

  const span = (name: string, kind: SpanKind, parentSpanId: string, attributes: Attributes): string => {
    const { row, podIp, node } = servicePodOf(name);
    if (row.service.sdk === undefined) return "";
    const spanId = (received.length + 1).toString(16).padStart(16, "0");
    received.push({
      ...{ sequence: received.length + 1, receivedBy: "deepflow-agent", node },
      ...{ agentAddress: "10.244.9.9", peerAddress: "10.244.9.8" },
      ...{ traceId: "1".repeat(32), spanId, parentSpanId, name, kind, attributes },
      ...{ startTimeUnixNano: "1", endTimeUnixNano: "2", statusCode: "UNSET", scope: "replay", links: [] },
      resource: { "service.name": serviceNameOf(row), "app.host.ip": podIp },
    });
    return spanId;
  };

  const callAll = (name: string, parent: string): void => {
    for (const to of Object.keys(demo.services[name]?.calls ?? {})) {
      const { serviceIp: peer } = servicePodOf(to);
      outgoingCalls.set(name, [
        ...(outgoingCalls.get(name) ?? []),
        { to, addressSource: `${to} is to be found`, peer },
      ]);
      const client = span(name, "CLIENT", parent, { "network.peer.address": peer ?? "" });
      requests.set(to, (requests.get(to) ?? 0) + 1);
      callAll(to, span(to, "SERVER", client, { "client.address": servicePodOf(name).podIp }));
    }
  };
  for (const { service } of servicePods) if (service === "loadgenerator") callAll(service, "");

  const replayed = servicePods.map(({ row, ...pod }) => ({
    ...pod,
    refusals: {},
    report: {
      requests: requests.get(row.name) ?? 0,
      outgoingCalls: outgoingCalls.get(row.name) ?? [],
      spans: spansOf(received, serviceNameOf(row)),
      problems: [],
    },
  }));
  return { demo, replayed, received };
}

function spansOf(received: readonly ReceivedSpan[], serviceName: string): SpanId[] {
  return received
    .filter(({ resource }) => resource["service.name"] === serviceName)
    .map(({ traceId, spanId }) => ({ traceId, spanId }));
}
