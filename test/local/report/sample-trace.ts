import type { Attributes, SpanKind } from "../../../local/deepflow/otlp.ts";
import type { ReceivedSpan } from "../../../local/deepflow/received.ts";
import type { ComparedService } from "../../../local/replay/compared-services.ts";

/** A span that arrived, `ms` long and starting `at` milliseconds after some moment. */
export function spanOf({
  at = 0,
  ms = 1,
  ...fields
}: Partial<ReceivedSpan> & { at?: number; ms?: number }): ReceivedSpan {
  const start = 1_795_257_120_000_000_000n + BigInt(Math.round(at * 1e6));
  return {
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: "00000000000000a1",
    parentSpanId: "",
    name: "GET /",
    kind: "SERVER",
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: (start + BigInt(Math.round(ms * 1e6))).toString(),
    statusCode: "UNSET",
    resource: {},
    attributes: {},
    scope: "sample",
    links: [],
    sequence: 1,
    receivedBy: "deepflow-agent-x7k2p",
    node: "node-1",
    agentAddress: "10.244.0.9",
    peerAddress: "10.244.0.3",
    ...fields,
  };
}

/**
 * A trace written as an outline, a line `WHO START+DURATION NAME` each, in milliseconds; two spaces more are
 * one step down. `web>user` is a call with a span on both sides, `>web` only the server's, `user>` only the
 * client's, and `web` alone is an internal span. An exclamation mark before the name is an error.
 */
export function traceOf(outline: string, services: readonly ComparedService[]): ReceivedSpan[] {
  const spans: ReceivedSpan[] = [];
  const parents: string[] = [""];
  const add = (service: string, kind: SpanKind, fields: Parameters<typeof spanOf>[0]): string => {
    const spanId = (0xa0b0c0d000000000n + BigInt(spans.length)).toString(16);
    const resource = resourceOf(services.find(({ name }) => name === service));
    spans.push(spanOf({ ...fields, spanId, kind, resource, sequence: spans.length + 1 }));
    return spanId;
  };
  for (const line of outline.split("\n").filter((text) => text.trim() !== "")) {
    const [, indent = "", caller = "", arrow, callee = "", at, ms, mark, name = ""] =
      /^( *)([\w-]*)(>?)([\w-]*) ([\d.]+)\+([\d.]+) (!?)(.*)$/.exec(line) ?? [];
    const depth = indent.length / 2;
    const statusCode = mark ? "ERROR" : "UNSET";
    const fields = {
      name,
      statusCode,
      attributes: attributesOf(name),
      at: Number(at),
      ms: Number(ms),
    } as const;
    let parentSpanId = parents[depth] ?? "";
    if (caller) parentSpanId = add(caller, arrow ? "CLIENT" : "INTERNAL", { ...fields, parentSpanId });
    if (callee) {
      // What the network takes is between the two spans of a call.
      const inside = caller ? { at: fields.at + 0.4, ms: fields.ms - 0.9 } : {};
      parentSpanId = add(callee, "SERVER", { ...fields, ...inside, parentSpanId });
    }
    parents[depth + 1] = parentSpanId;
  }
  return spans;
}

function resourceOf(service: ComparedService | undefined): Attributes {
  if (service === undefined) return {};
  const { serviceName = null, podIp, pod, node } = service;
  return { "service.name": serviceName, "app.host.ip": podIp, "k8s.pod.name": pod, "k8s.node.name": node };
}

/** ReportContext what instrumentation says of such a span. */
function attributesOf(name: string): Attributes {
  const [first = "", rest = ""] = name.split(" ");
  if (rest.startsWith("/")) {
    return { "http.request.method": first, "http.route": rest, "http.response.status_code": 200 };
  }
  if (["SELECT", "INSERT"].includes(first)) {
    return { "db.system.name": "mysql", "db.query.text": `${name} -- <b>"&'</script>`, "server.port": 3306 };
  }
  const [service = "", method] = name.split("/");
  return method === undefined ? {} : { "rpc.system": "grpc", "rpc.service": service, "rpc.method": method };
}
