import { isAgentListening } from "../components/agent-group-config/agent-check.ts";
import { resolveAgentGroup, specOf } from "../components/agent-group-config/agent-group-config.ts";
import { deepflowCtl } from "../components/agent-group-config/deepflow-ctl.ts";
import { httpApi } from "../components/agent-group-config/http-api.ts";
import { findGroup, preview } from "../components/agent-group-config/reconcile.ts";
import type { AgentGroupSettings } from "../components/agent-group-config/settings.ts";
import { tracedServices } from "../components/demo/call-graph.ts";
import type { Demo } from "../components/demo/table.ts";
import type { KubernetesObject } from "../render/objects.ts";
import { demosOf, type Stack } from "../stack.ts";
import type { Reach } from "./deepflow/addresses.ts";
import { listAgents } from "./deepflow/agent-list.ts";
import { traceOf } from "./deepflow/app.ts";
import { query, type QueryRow } from "./deepflow/querier.ts";
import * as queries from "./deepflow/queries.ts";
import type { Finding, StepId, StepResult } from "./finding.ts";
import type { Kubernetes } from "./kubernetes/kubectl.ts";
import { climb, type LadderOptions, type LadderStep } from "./ladder.ts";
import { judgeAgentGroup } from "./steps/agent-group.ts";
import { judgeAgents } from "./steps/agents.ts";
import { judgeObjects, listedResources, namespacesOf } from "./steps/objects.ts";
import { bySource, countIn, judgeSpans } from "./steps/spans.ts";
import { judgeCollectorTagged, judgeUntagged, type AskedTags } from "./steps/tags.ts";
import { bestTrace, judgeTraces, type FoundTrace } from "./steps/trace.ts";

/** What is verified, and how it is reached. */
export interface VerifyOptions extends LadderOptions {
  /** Name of the stack. */
  readonly name: string;
  readonly stack: Stack;
  /** What it renders. */
  readonly objects: readonly KubernetesObject[];
  readonly kubernetes: Kubernetes;
  readonly reach: Reach;
  /** Seconds before now whose spans are looked at. */
  readonly windowSeconds: number;
  /** Steps that need a port-forward, and so have no answer without the cluster. */
  readonly forwarded?: readonly StepId[];
}

/** What a verification found. */
export interface Verification {
  readonly steps: readonly StepResult[];
  /** The best trace of each demo, or of the stack where it has none. */
  readonly traces: readonly { readonly demo: Demo | undefined; readonly trace: FoundTrace }[];
}

/** How many traces of a namespace are looked at until one has everything. */
const tracesLookedAt = 5;

/** Asks Kubernetes and DeepFlow, step by step, whether a stack works. */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { name, stack, objects, kubernetes, reach, windowSeconds, forwarded = [] } = options;
  const demos = demosOf(stack).map(({ demo }) => demo);
  const period = `the last ${inWords(windowSeconds)}`;
  const range = (): queries.TimeRange => {
    const now = Math.floor(Date.now() / 1000);
    return { from: now - windowSeconds, to: now };
  };
  const ask = async (sql: string): Promise<QueryRow[]> => query(await reach("querier"), sql);
  const tags = async (condition: string): Promise<AskedTags> => {
    const spans = countIn(await ask(queries.countWhere(range(), condition)));
    return { spans, sample: spans === 0 ? [] : await ask(queries.sampleWhere(range(), condition)), period };
  };
  const collectorNamespace = stack.applications.pods?.namespace;
  let traces: Verification["traces"] = [];

  const steps: LadderStep[] = [
    {
      id: "objects",
      title: "Kubernetes objects",
      ask: async () => {
        const namespaces = namespacesOf(objects);
        const live = await Promise.all(namespaces.map((one) => kubernetes.list(listedResources, one)));
        return judgeObjects(
          objects,
          live.flat(),
          `Run \`pulumi up -s ${name}\` with this cluster's context.`,
        );
      },
      unanswered: {
        means: "The cluster does not answer, so neither does anything that is reached through it.",
        fix: "See that `kubectl get nodes` works with the same kubeconfig and context (--kubeconfig, --context).",
        blocks: forwarded,
      },
    },
    {
      id: "agentGroup",
      title: "Stored agent-group configuration",
      ask: () => askAgentGroup(stack),
      unanswered: {
        means: "Whether agents are told to take OpenTelemetry data is not known.",
        fix: "See that deepflow-otel:agentGroup.controller leads to deepflow-server from here.",
      },
    },
    {
      id: "agents",
      title: "deepflow-agents",
      ask: async () => {
        const listed = await listAgents(await reach("controller"));
        const silence = await isAgentListening(await reach("agent"), true);
        return judgeAgents({ listed, group: stack.agentGroup && (await groupName(stack)), silence });
      },
      unanswered: {
        means: "DeepFlow's controller or its agents cannot be reached from here.",
        fix: "See that deepflow-server and the deepflow-agents run (`kubectl get pods -n deepflow`), or say where they are with --controller and --agent.",
      },
    },
    {
      id: "spans",
      title: "OpenTelemetry spans",
      ask: async () => {
        const total = countIn(await ask(queries.countSpans(range())));
        const namespaces = await Promise.all(
          demos.map(async (demo) => {
            const { title, namespace } = demo;
            const [sources, services] = await Promise.all([
              ask(queries.countSpansBySource(range(), namespace)),
              ask(queries.countSpansByService(range(), namespace)),
            ]);
            const seen = services.map((row) => String(row["app_service"]));
            return { title, namespace, bySource: bySource(sources), expected: tracedServices(demo), seen };
          }),
        );
        return judgeSpans({ total, namespaces, period });
      },
      unanswered: {
        means: "What DeepFlow has stored cannot be asked.",
        fix: "See that deepflow-server and ClickHouse run (`kubectl get pods -n deepflow`), or say where the querier is with --querier.",
        blocks: ["untagged", "collectorTagged", "trace"],
      },
    },
    {
      id: "untagged",
      title: "Spans without a namespace",
      ask: async () => judgeUntagged(await tags(queries.untagged)),
      unanswered: noQuerier,
    },
    {
      id: "collectorTagged",
      title: "Spans with the Collector's namespace",
      ask: async () =>
        collectorNamespace === undefined
          ? { state: "skipped", saw: "Applications send to DeepFlow without a Collector in between." }
          : judgeCollectorTagged(await tags(queries.isOf(collectorNamespace)), collectorNamespace),
      unanswered: noQuerier,
    },
    {
      id: "trace",
      title: "One trace of all sources",
      ask: async () => {
        const wanted = demos.length > 0 ? demos : [undefined];
        const found = await Promise.all(
          wanted.map(async (demo) => ({ demo, found: await findTraces(demo?.namespace) })),
        );
        traces = found.flatMap(({ demo, found }) => {
          const trace = bestTrace(found);
          return trace === undefined || trace.spans.length === 0 ? [] : [{ demo, trace }];
        });
        return judgeTraces(found.flatMap(({ found }) => found));
      },
      unanswered: {
        means: "DeepFlow's traces cannot be asked for.",
        fix: "See that deepflow-app runs (`kubectl get pods -n deepflow`), or say where it is with --app.",
      },
    },
  ];

  async function findTraces(namespace?: string): Promise<FoundTrace[]> {
    const rows = await ask(queries.traceIds(range(), namespace));
    const largest = rows.toSorted((a, b) => Number(b["spans"]) - Number(a["spans"])).slice(0, tracesLookedAt);
    const app = await reach("app");
    const found: FoundTrace[] = [];
    for (const row of largest) {
      const traceId = String(row["trace_id"]);
      found.push({ traceId, spans: await traceOf(app, traceId, range()) });
      if (judgeTraces(found).state === "passed") break;
    }
    return found;
  }

  return { steps: await climb(steps, options), traces };
}

const noQuerier = {
  means: "What DeepFlow has stored cannot be asked any more.",
  fix: "See that deepflow-server and ClickHouse run (`kubectl get pods -n deepflow`).",
};

async function askAgentGroup(stack: Stack): Promise<Finding> {
  const settings = settingsOf(stack);
  if (settings === undefined)
    return {
      state: "skipped",
      saw: "The stack has no deepflow-otel:agentGroup, so that it leaves agents as they are.",
    };
  const spec = specOf(settings);
  const transport =
    spec.transport === "http" ? httpApi(spec.controller) : deepflowCtl(spec.deepflowCtl, spec.controller);
  const group = await findGroup(transport, spec.group);
  const [format, stored, { changes }] = await Promise.all([
    transport.configFormat(),
    transport.read(group),
    preview(transport, spec),
  ]);
  return judgeAgentGroup({ name: group.name, format, stored, changes });
}

/** The name of the group that a stack configures, which it may know by its id. */
async function groupName(stack: Stack): Promise<string | undefined> {
  const settings = settingsOf(stack);
  if (settings?.id === undefined) return settings?.name ?? "default";
  const spec = specOf(settings);
  return (await findGroup(httpApi(spec.controller), spec.group)).name;
}

function settingsOf({ agentGroup }: Stack): AgentGroupSettings | undefined {
  return agentGroup && resolveAgentGroup(agentGroup).settings;
}

function inWords(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
