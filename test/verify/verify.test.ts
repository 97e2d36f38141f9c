import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stackFrom } from "../../stack.ts";
import type { StepId } from "../../verify/finding.ts";
import { isRight } from "../../verify/ladder.ts";
import { fromCollector, renderedStack, startWorld, withHost, type World } from "./world.ts";

let rendered: Awaited<ReturnType<typeof renderedStack>>;
let world: World;

beforeAll(async () => {
  rendered = await renderedStack();
});
beforeEach(async () => {
  world = await startWorld(rendered);
});
afterEach(() => world.stop());

const asked = { fault: { type: "close" as const }, times: Infinity };

function change(kind: string, edit: (object: World["live"][number]) => World["live"]): void {
  const at = world.live.findIndex((object) => object.kind === kind);
  const [object] = world.live.splice(at, 1);
  if (at < 0 || object === undefined) throw new Error(`There is no ${kind}.`);
  world.live.push(...edit(object));
}

interface Fault {
  fault: string;
  breaks: () => void | Promise<void>;
  /** The first step that fails. */
  step: StepId;
  says: RegExp;
  /** Others that fail as well. */
  alsoFails?: StepId[];
  notAsked?: StepId[];
}

const stored = ["untagged", "collectorTagged", "trace"] as const;

const faults: Fault[] = [
  {
    fault: "the API server does not answer",
    breaks: () => {
      world.kubectlError = "`kubectl get` failed: connection refused";
    },
    step: "objects",
    says: /connection refused\. .*cluster does not answer.*kubectl get nodes/,
  },
  {
    fault: "the API server does not answer, and port-forwards lead to DeepFlow",
    breaks: () => {
      world.kubectlError = "`kubectl get` failed: connection refused";
      world.stack = rendered.stack;
    },
    step: "objects",
    says: /connection refused/,
    notAsked: ["agents"],
  },
  {
    fault: "the stack is not deployed",
    breaks: () => {
      world.live = [];
    },
    step: "objects",
    says: /DaemonSet open-telemetry\/otel-agent is not there; .*not deployed to this cluster.*pulumi up -s dev/,
  },
  {
    fault: "a Collector's image cannot be pulled",
    breaks: () => {
      change("DaemonSet", (object) => [
        { ...object, status: { ...object.status, numberAvailable: 1 } },
        {
          kind: "Pod",
          metadata: {
            name: "otel-agent-abcde",
            namespace: "open-telemetry",
            labels: { "app.kubernetes.io/name": "otel-agent", ...podLabelsOf("DaemonSet") },
          },
          status: {
            containerStatuses: [{ ready: false, state: { waiting: { reason: "ImagePullBackOff" } } }],
          },
        },
      ]);
    },
    step: "objects",
    says: /otel-agent has 1 of 2 pods available \(pod otel-agent-abcde: ImagePullBackOff\)/,
  },
  {
    fault: "no node takes a Collector",
    breaks: () => {
      change("DaemonSet", (object) => [
        { ...object, status: { observedGeneration: 1, desiredNumberScheduled: 0 } },
      ]);
    },
    step: "objects",
    says: /otel-agent runs on no node/,
  },
  {
    fault: "a workload is being rolled out",
    breaks: () => {
      change("Deployment", (object) => [{ ...object, metadata: { ...object.metadata, generation: 2 } }]);
    },
    step: "objects",
    says: /Deployment \S+ is being changed/,
  },
  {
    fault: "a Service leads nowhere",
    breaks: () => {
      change("EndpointSlice", (object) => [{ ...object, endpoints: [{ conditions: { ready: false } }] }]);
    },
    step: "objects",
    says: /Service \S+ leads to no ready pod.*what no Service leads to gets none/,
  },
  {
    fault: "somebody turned the integration off",
    breaks: () => {
      world.controller.setStored("default", "inputs:\n  integration:\n    enabled: false\n");
    },
    step: "agentGroup",
    says: /inputs\.integration\.enabled is false, and the stack says true.*pulumi up/,
  },
  {
    fault: "agents are told to drop traces",
    breaks: () => {
      world.controller.setStored(
        "default",
        "inputs:\n  integration:\n    enabled: true\n    feature_control:\n      trace_integration_disabled: true\n",
      );
    },
    step: "agentGroup",
    says: /trace_integration_disabled is true.*answer every span with 200, and drop it.*integration\.traces/,
  },
  {
    fault: "the controller's database is away",
    breaks: () => {
      world.controller.faults.push({
        fault: { type: "databaseAway" },
        path: /vtap-groups/,
        times: Infinity,
      });
    },
    step: "agentGroup",
    says: /lists no agent group at all.*not known.*agentGroup\.controller/,
  },
  {
    fault: "no agent has registered",
    breaks: () => {
      world.agents.splice(0);
    },
    step: "agents",
    says: /knows no agent.*kubectl logs -n deepflow daemonset\/deepflow-agent/,
  },
  {
    fault: "an agent is lost",
    breaks: () => {
      world.agents.push({ name: "node-3-V3", group: "default", state: 0 });
    },
    step: "agents",
    says: /Of 3 agents these do not run: node-3-V3 \(lost\)/,
  },
  {
    fault: "an agent's port is taken",
    breaks: () => {
      world.agents.push({ name: "node-3-V3", group: "default", exceptions: [262144] });
    },
    step: "agents",
    says: /node-3-V3 \(INTEGRATION_SOCKET_ERROR\).*taken by another process.*who listens on the port/,
  },
  {
    fault: "an agent cannot read its configuration",
    breaks: () => {
      world.agents.push({ name: "node-3-V3", group: "default", exceptions: [256] });
    },
    step: "agents",
    says: /INVALID_CONFIGURATION.*discards all of it/,
  },
  {
    fault: "the agents are of another group",
    breaks: () => {
      world.agents.splice(0, 2, { name: "node-1-V1", group: "edge" });
    },
    step: "agents",
    says: /None of 1 agents is of the group default; they are of edge.*agentGroup\.name/,
  },
  {
    fault: "no agent listens where spans are sent to",
    breaks: () => world.agent.close(),
    step: "agents",
    says: /does not answer \(ECONNREFUSED\).*do not listen where the spans are sent to.*listen_port/,
  },
  {
    fault: "something else listens there",
    breaks: () => {
      world.urls = { agent: world.querier.url };
    },
    step: "agents",
    says: /answers 404.*is no deepflow-agent/,
  },
  {
    fault: "the querier does not answer",
    breaks: () => {
      world.querier.faults.push(asked);
    },
    step: "spans",
    says: /POST http:\S+\/v1\/query\/ failed.*cannot be asked.*--querier/,
    notAsked: [...stored],
  },
  {
    fault: "ClickHouse is away",
    breaks: () => {
      const body = JSON.stringify({ OPT_STATUS: "FAIL", DESCRIPTION: "dial tcp: connection refused" });
      world.querier.faults.push({ fault: { type: "status", status: 500, body }, times: Infinity });
    },
    step: "spans",
    says: /answered 500: dial tcp: connection refused.*ClickHouse/,
    notAsked: [...stored],
  },
  {
    fault: "no span arrives",
    breaks: () => {
      world.spans = [];
    },
    step: "spans",
    says: /no OpenTelemetry span of the last 15 min.*agents drop them.*trace_integration_disabled/,
    notAsked: [...stored],
  },
  {
    fault: "a demo's services send nothing, and requests are made",
    breaks: () => {
      const other = {
        ...world.known.pods[0],
        address: "10.244.9.9",
        name: "other",
        node: "",
        namespace: "other",
      };
      world.known = { ...world.known, pods: [...world.known.pods, other] };
      const { namespace } = world.demo;
      const [span] = withHost(world.spans, "10.244.9.9");
      if (span) world.spans.push({ ...span, spanId: "d".repeat(16), parentSpanId: "" });
      world.keeps = ({ signalSource, tags0, tags1 }) =>
        signalSource !== 4 || ![tags0, tags1].some(({ podNamespace }) => podNamespace === namespace);
    },
    step: "spans",
    says: /Of 1 OpenTelemetry span .* none has the namespace deepflow-otel-spring-demo; eBPF or network spans have .*Requests are made there/,
    alsoFails: ["trace"],
  },
  {
    fault: "spans come without app.host.ip",
    breaks: () => {
      world.spans.push(
        ...withHost(world.spans, undefined).map((span) => ({ ...span, spanId: `${span.spanId}1` })),
      );
    },
    step: "untagged",
    says: /3 OpenTelemetry spans .* have no namespace: \S+ of deepflow-otel-spring-demo \(app\.host\.ip none\).*did not find the sender's pod/,
  },
  {
    fault: "spans come from addresses that DeepFlow knows no pod of",
    breaks: () => {
      world.spans.push(
        ...withHost(world.spans, "172.18.0.2").map((span) => ({ ...span, spanId: `${span.spanId}1` })),
      );
    },
    step: "untagged",
    says: /\(app\.host\.ip 172\.18\.0\.2\).*network of their host.*--window/,
  },
  {
    fault: "spans look as if the Collector had sent them",
    breaks: () => {
      world.spans.push(...fromCollector(world.spans).map((span) => ({ ...span, spanId: `${span.spanId}1` })));
    },
    step: "collectorTagged",
    says: /have the Collector's namespace open-telemetry: .*took the address of the connection.*may watch pods/,
  },
  {
    fault: "deepflow-app does not answer",
    breaks: () => {
      world.app.faults.push(asked);
    },
    step: "trace",
    says: /L7FlowTracing failed.*--app/,
  },
  {
    fault: "deepflow-app finds nothing of a trace",
    breaks: () => {
      world.traced = () => false;
    },
    step: "trace",
    says: /puts together nothing for 1 trace.*log of deepflow-app/,
  },
  {
    fault: "eBPF does not work",
    breaks: () => {
      world.keeps = ({ signalSource }) => signalSource !== 3;
    },
    step: "trace",
    says: /has 2 network, 0 eBPF, 3 OpenTelemetry spans.*no eBPF spans of these requests.*privileged/,
  },
  {
    fault: "DeepFlow's own spans are in other traces",
    breaks: () => {
      world.traced = ({ signalSource }) => signalSource === 4;
    },
    step: "trace",
    says: /0 network, 0 eBPF, 3 OpenTelemetry spans.*in other traces.*apm_trace_id/,
  },
];

function podLabelsOf(kind: string): Record<string, string> {
  const object = world.objects.find((one) => one.kind === kind) as {
    spec?: { template?: { metadata?: { labels?: Record<string, string> } } };
  };
  return object.spec?.template?.metadata?.labels ?? {};
}

test("Everything is right, and says what it saw", async () => {
  const { steps, traces } = await world.ask();
  expect(steps.map(({ title, finding }) => `${title}: ${finding.state}, ${finding.saw}`)).toEqual([
    expect.stringMatching(/passed, \d+ workloads are available, \d+ Services lead to ready pods\.$/),
    "Stored agent-group configuration: passed, Agent group default is configured as the stack says.",
    "deepflow-agents: passed, 2 agents run without exceptions, and one answers where spans are sent to.",
    expect.stringMatching(
      /passed, Spring Boot WebShop has 3 OpenTelemetry, 2 eBPF, 2 network spans \(no OpenTelemetry span of .*\); 3 OpenTelemetry spans of everybody, of the last 15 min\.$/,
    ),
    "Spans without a namespace: passed, Every OpenTelemetry span of the last 15 min has a namespace.",
    expect.stringContaining("passed, No OpenTelemetry span of the last 15 min has the Collector's namespace"),
    "One trace of all sources: passed, Trace 5b8efff798038103d269b633813fc60c has 2 network, 2 eBPF, 3 OpenTelemetry spans.",
  ]);
  expect(traces).toMatchObject([{ demo: { name: world.demo.name }, trace: { spans: { length: 7 } } }]);
});

describe("A fault is told by the step that it breaks", () => {
  test.each(faults)("$fault: $step", async ({ breaks, step, says, alsoFails = [], notAsked = [] }) => {
    await breaks();
    const { steps } = await world.ask();
    const inState = (state: string) =>
      steps.filter(({ finding }) => finding.state === state).map(({ id }) => id);
    expect(inState("failed")).toEqual([step, ...alsoFails]);
    expect(inState("notAsked")).toEqual(notAsked);
    const finding = steps.find(({ id }) => id === step)?.finding;
    expect(finding?.state === "failed" && `${finding.saw} ${finding.means} ${finding.fix}`).toMatch(says);
    expect(isRight(steps)).toBe(false);
  });
});

test("A step that needs time is asked again until it is right, and not for longer than the deadline", async () => {
  const { spans } = world;
  world.spans = [];
  setTimeout(() => {
    world.spans = spans;
  }, 300);
  const told: string[] = [];
  const { steps } = await world.ask({
    deadline: Date.now() + 20_000,
    intervalMs: 50,
    show: (_, work) => work((text) => told.push(text)),
  });
  expect(isRight(steps)).toBe(true);
  expect(told[0]).toMatch(/no OpenTelemetry span .* Asked again for \d+ s$/);

  world.spans = [];
  const late = await world.ask({ deadline: Date.now() + 200, intervalMs: 50 });
  expect(late.steps.find(({ id }) => id === "spans")?.finding.state).toBe("failed");
});

test("A stack without Collector, agent group and demos is asked what there is to ask", async () => {
  world.stack = stackFrom({ "deepflow-otel:topology": "direct" });
  world.urls = { controller: world.controller.url };
  const { steps } = await world.ask();
  const skipped = steps.filter(({ finding }) => finding.state === "skipped").map(({ id }) => id);
  expect(skipped).toEqual(["agentGroup", "collectorTagged"]);
  expect(isRight(steps)).toBe(true);
});

test("Ctrl-C ends it at once, whoever is being asked", async () => {
  world.querier.faults.push({ fault: { type: "hang" }, times: Infinity });
  const interrupted = new AbortController();
  const asking = world.ask({ signal: interrupted.signal });
  setTimeout(() => {
    interrupted.abort(new Error("Ended by SIGINT."));
  }, 500);
  await expect(asking).rejects.toThrow("Ended by SIGINT.");
});
