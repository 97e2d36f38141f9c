import { callGraph } from "../../components/demo/call-graph.ts";
import { rows, type Demo } from "../../components/demo/table.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { eventually } from "../cluster/pods.ts";
import type { ReceivedSpan, ReceivedSpans } from "../deepflow/received.ts";
import { allowedClients } from "./allowed-clients.ts";
import { compare, type Comparison } from "./comparison.ts";
import type { ReplayedService } from "./replayed-service.ts";
import { findServicePods } from "./service-pods.ts";
import { withServicePrograms, type Tell } from "./service-programs.ts";
import { serviceSpecOf, type Report } from "./service-spec.ts";

/** What happened when a demo was replayed. */
export interface Replay extends Comparison {
  readonly demo: Demo;
  /** The pods, what each program reports, and who may not call it. */
  readonly replayed: readonly ReplayedService[];
  /** The spans of the request that reached DeepFlow. */
  readonly trace: readonly ReceivedSpan[];
}

export interface ReplayOptions {
  /** Told how far it is. */
  readonly report?: (text: string) => void;
  /** Gives it up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** Seconds that spans get to reach DeepFlow after the last was sent. */
const arrivalSeconds = 10;

/**
 * Replays a deployed demo: in one pod of every service a program does what the service would do, one request
 * goes through the whole call graph, and what reached DeepFlow of its trace is compared with that. Takes
 * about five seconds, more where spans do not arrive.
 *
 * @throws Error, a sentence, when it cannot be replayed; what is wrong with the demo is in the result.
 */
export async function replay(
  cluster: Cluster,
  demo: Demo,
  { report = () => undefined, signal }: ReplayOptions = {},
): Promise<Replay> {
  report("waits for pods");
  const servicePods = await findServicePods(cluster, demo, signal);
  report(`starts ${servicePods.length} services`);
  const allowed = await allowedClients(cluster, demo, servicePods);
  const servicePrograms = rows(demo).flatMap((row) => {
    const pod = servicePods.find(({ service }) => service === row.name);
    if (pod === undefined) return [];
    const { allowedAddresses = [] } = allowed[row.name] ?? {};
    return [{ namespace: demo.namespace, pod, spec: serviceSpecOf(row), allowedAddresses }];
  });
  const reports = await withServicePrograms(
    cluster,
    servicePrograms,
    async (tell) => {
      report("one request goes through all services");
      return await sendRequest(demo, tell, report);
    },
    signal,
  );
  const replayed = servicePods.map((pod) => ({
    ...pod,
    report: reports[pod.service] ?? noReport,
    refusals: allowed[pod.service]?.refusals ?? {},
  }));
  report("waits for spans");
  const trace = await arrivals(cluster, Object.values(reports), signal);
  return { ...compare(demo, replayed, trace), demo, replayed, trace };
}

/** Of a service whose program reported nothing. */
const noReport: Report = { requests: 0, outgoingCalls: [], spans: [], problems: [] };

/**
 * Registers what is to be registered, sends a request through the call graph from whom nobody calls, and
 * returns what each program reports.
 */
async function sendRequest(
  demo: Demo,
  tell: Tell,
  report: (text: string) => void,
): Promise<Record<string, Report>> {
  const services = rows(demo);
  const called = new Set(callGraph(demo).map(({ to }) => to));
  const registering = services.filter(({ service }) => service.registers);
  const starting = services.filter(({ name }) => !called.has(name));
  await Promise.all(registering.map(({ name }) => tell(name, "register")));
  await Promise.all(starting.map(({ name }) => tell(name, "call")));
  report("services send what they have not sent yet");
  const reports = services.map(async ({ name }) => [name, (await tell(name, "end")) as Report] as const);
  return Object.fromEntries(await Promise.all(reports));
}

/**
 * The spans of the programs' traces that reached DeepFlow, as soon as all are there that an exporter did not
 * complain about.
 */
async function arrivals(
  cluster: Cluster,
  reports: readonly Report[],
  signal: AbortSignal | undefined,
): Promise<ReceivedSpan[]> {
  const traceIds = [...new Set(reports.flatMap(({ spans }) => spans.map(({ traceId }) => traceId)))];
  const expected = reports
    .filter(({ exporterError }) => exporterError === undefined)
    .flatMap(({ spans }) => spans.map(({ spanId }) => spanId));
  const deadline = Date.now() + arrivalSeconds * 1000;
  return eventually("The arrival of spans", async () => {
    signal?.throwIfAborted();
    const { spans } = (await cluster.control("POST", "/received", { traceIds })) as ReceivedSpans;
    const arrived = new Set(spans.map(({ spanId }) => spanId));
    return expected.every((id) => arrived.has(id)) || Date.now() > deadline ? spans : undefined;
  });
}
