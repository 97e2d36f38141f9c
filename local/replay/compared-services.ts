import { rows, serviceNameOf, type Demo, type Row } from "../../components/demo/table.ts";
import type { ReceivedSpan } from "../deepflow/received.ts";
import { appHostIps } from "../deepflow/received.ts";
import { count } from "./count.ts";
import type { ReplayedService } from "./replayed-service.ts";

/** A service of a demo and what became of its spans. */
export interface ComparedService {
  /** Its name in Kubernetes. */
  readonly name: string;
  /** `service.name` of its spans; absent for one without an SDK. */
  readonly serviceName?: string | undefined;
  readonly language: string;
  readonly pod: string;
  readonly node: string;
  readonly podIp: string;
  /** Spans that its SDK ended. */
  readonly sent: number;
  /** Spans of it that arrived. */
  readonly received: number;
  /** The distinct values of `app.host.ip` among those. */
  readonly appHostIps: readonly string[];
  /** What is wrong with it, in sentences without its name. */
  readonly problem?: string;
}

export function compareServices(
  demo: Demo,
  replayed: readonly ReplayedService[],
  received: readonly ReceivedSpan[],
): ComparedService[] {
  return rows(demo).flatMap((row) => {
    const one = replayed.find(({ service }) => service === row.name);
    if (one === undefined) return [];
    const sent = new Set(one.report.spans.map(({ spanId }) => spanId));
    return [
      compareService(
        row,
        one,
        received.filter(({ spanId }) => sent.has(spanId)),
      ),
    ];
  });
}

function compareService(
  row: Row,
  replayed: ReplayedService,
  received: readonly ReceivedSpan[],
): ComparedService {
  const { pod, node, podIp, report } = replayed;
  const traced = row.service.sdk !== undefined;
  const problems = [
    ...report.problems,
    ...(traced ? arrivalProblems(replayed, received) : []),
    ...addressProblems(replayed, received),
    ...nameProblems(serviceNameOf(row), received),
  ];
  return {
    name: row.name,
    ...(traced && { serviceName: serviceNameOf(row) }),
    language: row.service.language,
    pod,
    node,
    podIp,
    sent: report.spans.length,
    received: received.length,
    appHostIps: appHostIps(received),
    ...(problems.length > 0 && { problem: `In pod ${pod}: ${problems.join(" ")}` }),
  };
}

function arrivalProblems({ report }: ReplayedService, received: readonly ReceivedSpan[]): string[] {
  const { requests, outgoingCalls, spans, exporterError } = report;
  const said =
    exporterError === undefined
      ? "Its exporter reported no error."
      : `Its exporter said: ${exporterError.replace(/\.$/, "")}.`;
  if (spans.length === 0) {
    return requests === 0 && outgoingCalls.length === 0
      ? ["Nothing arrived, because no request reached it."]
      : [`Nothing arrived, because its SDK recorded nothing. ${said}`];
  }
  if (received.length === 0)
    return [`Nothing arrived of what it sent (${count(spans.length, "span")}). ${said}`];
  const times = (id: string) => received.filter(({ spanId }) => spanId === id).length;
  const wrong = spans
    .map(({ spanId }) => ({ spanId, times: times(spanId) }))
    .filter(({ times }) => times !== 1);
  if (wrong.length === 0) return exporterError === undefined ? [] : [said];
  const list = wrong.map(({ spanId, times }) => `${spanId} ${times} times`).join(", ");
  return [`Of ${spans.length} spans not every one arrived once: ${list}. ${said}`];
}

function addressProblems({ podIp }: ReplayedService, received: readonly ReceivedSpan[]): string[] {
  const wrong = appHostIps(received).filter((address) => address !== podIp);
  return wrong.length === 0 ? [] : [`app.host.ip is ${wrong.join(", ")} instead of ${podIp}.`];
}

function nameProblems(expected: string, received: readonly ReceivedSpan[]): string[] {
  const names = new Set(received.map(serviceNameIn));
  names.delete(expected);
  return names.size === 0 ? [] : [`service.name is ${[...names].join(", ")} instead of ${expected}.`];
}

/** The `service.name` that a span arrived with; "(none)" for a span without. */
export function serviceNameIn({ resource }: Pick<ReceivedSpan, "resource">): string {
  const name = resource["service.name"];
  return typeof name === "string" ? name : "(none)";
}
