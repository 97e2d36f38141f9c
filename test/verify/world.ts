import { rows, serviceNameOf, type Demo } from "../../components/demo/table.ts";
import { startController, type Agent, type Controller } from "../../local/deepflow/controller.ts";
import { startApp } from "../../local/deepflow/deepflow-app.ts";
import type { FlowRow } from "../../local/deepflow/flow-row.ts";
import { flowRowOf, type KnownResources } from "../../local/deepflow/flow-rows.ts";
import {
  startIntegrationCollector,
  type IntegrationCollector,
} from "../../local/deepflow/integration-collector.ts";
import type { JsonServer } from "../../local/deepflow/json-server.ts";
import { observedRows } from "../../local/deepflow/observed-requests.ts";
import type { Span, SpanKind } from "../../local/deepflow/otlp.ts";
import { startQuerier } from "../../local/deepflow/querier.ts";
import { objectsOf, type KubernetesObject } from "../../render/objects.ts";
import { demosOf, stackFrom, type Stack } from "../../stack.ts";
import { partAddresses, reachParts } from "../../verify/deepflow/addresses.ts";
import { forwardedSteps } from "../../verify/forwarded-steps.ts";
import type { LiveObject } from "../../verify/kubernetes/kubectl.ts";
import { verify, type Verification, type VerifyOptions } from "../../verify/verify.ts";

/** A deployed stack and DeepFlow, all of which can be broken before they are asked. */
export interface World {
  stack: Stack;
  readonly demo: Demo;
  readonly objects: readonly KubernetesObject[];
  live: LiveObject[];
  /** What kubectl fails with. */
  kubectlError?: string;
  readonly controller: Controller;
  readonly agents: Agent[];
  agent: IntegrationCollector;
  readonly querier: JsonServer;
  readonly app: JsonServer;
  /** The spans that arrived, and the pods that DeepFlow knew. */
  spans: Span[];
  known: KnownResources;
  /** Which of the rows there are; all unless told otherwise. */
  keeps: (row: FlowRow) => boolean;
  /** What deepflow-app makes traces of; the same rows unless told otherwise. */
  traced: (row: FlowRow) => boolean;
  /** Base URLs instead of those of the stand-ins. */
  urls: Partial<Record<"controller" | "agent" | "querier" | "app", string>>;
  ask: (options?: Partial<VerifyOptions>) => Promise<Verification>;
  stop: () => Promise<void>;
}

const collectorAddress = "10.244.1.200";
const now = (): bigint => BigInt(Date.now() - 5_000) * 1_000_000n;

/** What a stack with the WebShop renders; once, because the renderer's runtime is one for the process. */
export async function renderedStack(): Promise<{ stack: Stack; objects: readonly KubernetesObject[] }> {
  const stack = stackFrom({ "deepflow-otel:springBootWebShop": "{}" });
  return { stack, objects: await objectsOf(stack, "dev") };
}

/** Everything as it should be. */
export async function startWorld(rendered: Awaited<ReturnType<typeof renderedStack>>): Promise<World> {
  const agents: Agent[] = [
    { name: "node-1-V1", group: "default" },
    { name: "node-2-V2", group: "default" },
  ];
  const controller = await startController({ agents });
  controller.setStored("default", "inputs:\n  integration:\n    enabled: true\n");
  const flowRows = (): FlowRow[] => {
    const own = world.spans.map((span) => flowRowOf(span, world.known));
    return [...own, ...observedRows(own)].filter(world.keeps);
  };
  const [agent, querier, app] = await Promise.all([
    startIntegrationCollector({ address: "127.0.0.1", port: 0, onRequest: () => undefined }),
    startQuerier({ rows: flowRows }),
    startApp({ rows: () => flowRows().filter((row) => world.traced(row)) }),
  ]);
  const { host, port } = controller;
  const stack: Stack = {
    ...rendered.stack,
    agentGroup: { controller: { host, port }, transport: "http", integration: { enabled: true } },
  };
  const [first] = demosOf(stack);
  if (first === undefined) throw new Error("The stack has no demo.");
  const { demo } = first;
  const world: World = {
    stack,
    demo,
    objects: rendered.objects,
    live: readyObjects(rendered.objects),
    ...{ controller, agents, agent, querier, app },
    spans: requestSpans(demo),
    known: {
      nodes: [{ address: "172.18.0.2", name: "node-1" }],
      pods: [
        ...rows(demo).map(({ name }, index) => ({
          address: addressOf(index),
          name: `${name}-0`,
          namespace: demo.namespace,
          node: "node-1",
        })),
        { address: collectorAddress, name: "otel-agent-x", namespace: "open-telemetry", node: "node-1" },
      ],
    },
    keeps: () => true,
    traced: () => true,
    urls: {},
    ask: async (options = {}) => {
      const given = {
        agent: `http://127.0.0.1:${world.agent.port}`,
        querier: querier.url,
        app: app.url,
        ...world.urls,
      };
      const addresses = partAddresses(world.stack, given, "deepflow");
      const { reach, close } = reachParts(addresses, { program: "no-such-kubectl" });
      try {
        return await verify({
          name: "dev",
          stack: world.stack,
          objects: world.objects,
          kubernetes: {
            list: (_, namespace) =>
              world.kubectlError === undefined
                ? Promise.resolve(world.live.filter(({ metadata }) => metadata.namespace === namespace))
                : Promise.reject(new Error(world.kubectlError)),
          },
          reach,
          windowSeconds: 900,
          forwarded: forwardedSteps(addresses),
          deadline: Date.now(),
          show: (_, work) => work(() => undefined),
          signal: new AbortController().signal,
          ...options,
        });
      } finally {
        close();
      }
    },
    stop: async () => {
      await Promise.all([controller.stop(), world.agent.close(), querier.stop(), app.stop()]);
    },
  };
  return world;
}

/** The spans with their `app.host.ip` replaced; `undefined` takes it away. */
export function withHost(spans: readonly Span[], address: string | undefined): Span[] {
  return spans.map((span) => {
    const others = Object.entries(span.resource).filter(([name]) => name !== "app.host.ip");
    const own = address === undefined ? {} : { "app.host.ip": address };
    return { ...span, resource: { ...Object.fromEntries(others), ...own } };
  });
}

/** As if the Collector had sent them. */
export function fromCollector(spans: readonly Span[]): Span[] {
  return withHost(spans, collectorAddress);
}

function addressOf(index: number): string {
  return `10.244.1.${index + 10}`;
}

/** One request from the front end to a service behind it. */
function requestSpans(demo: Demo): Span[] {
  const traced = rows(demo)
    .map((row, index) => ({ row, address: addressOf(index) }))
    .filter(({ row }) => row.service.sdk !== undefined);
  const front = traced.find(({ row }) => row.name === demo.frontEnd);
  const back = traced.find(({ row }) => row.name !== demo.frontEnd);
  if (!front || !back) throw new Error("The demo has no two services with an SDK.");
  const start = now();
  const span = (
    of: typeof front,
    kind: SpanKind,
    id: string,
    parent: string,
    from: bigint,
    to: bigint,
  ): Span => ({
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: id.repeat(16),
    parentSpanId: parent.repeat(16),
    name: "GET /shop",
    kind,
    startTimeUnixNano: String(start + from * 1_000_000n),
    endTimeUnixNano: String(start + to * 1_000_000n),
    statusCode: "UNSET",
    resource: {
      "service.name": serviceNameOf(of.row),
      "app.host.ip": of.address,
      "k8s.namespace.name": demo.namespace,
    },
    attributes: { "http.method": "GET", "http.target": "/shop" },
    scope: "test",
    links: [],
  });
  return [
    span(front, "SERVER", "a", "", 0n, 100n),
    span(front, "CLIENT", "b", "a", 10n, 90n),
    span(back, "SERVER", "c", "b", 30n, 70n),
  ];
}

type Labels = Record<string, string>;

/** What an API server has of these objects when all of them are ready. */
function readyObjects(objects: readonly KubernetesObject[]): LiveObject[] {
  return objects.flatMap((object): LiveObject[] => {
    const { kind, metadata } = object;
    const { replicas = 1 } = (object as { spec?: { replicas?: number } }).spec ?? {};
    const ready: LiveObject = { kind, metadata: { ...metadata, generation: 1 }, spec: { replicas } };
    switch (kind) {
      case "DaemonSet":
        return [
          {
            ...ready,
            status: {
              observedGeneration: 1,
              desiredNumberScheduled: 2,
              numberAvailable: 2,
              updatedNumberScheduled: 2,
            },
          },
        ];
      case "Deployment":
      case "StatefulSet":
        return [
          {
            ...ready,
            status: { observedGeneration: 1, availableReplicas: replicas, updatedReplicas: replicas },
          },
        ];
      case "Service": {
        const labels: Labels = { "kubernetes.io/service-name": metadata.name };
        const slice = { ...metadata, name: `${metadata.name}-1`, labels };
        return [
          ready,
          { kind: "EndpointSlice", metadata: slice, endpoints: [{ conditions: { ready: true } }] },
        ];
      }
      default:
        return [];
    }
  });
}
