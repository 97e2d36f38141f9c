import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { chartDestination } from "../deepflow/destination.ts";
import { endpointUrl, nodeHost, type Destination } from "../destination.ts";
import { parseArgs } from "../schema/args.ts";
import type { ProgramSpec } from "./messages.ts";
import { agentGroupSettings, type AgentGroupSettings } from "./settings.ts";

/** What an `AgentGroupConfig` is made from. docs/agent-group.md says how it goes about it. */
export interface AgentGroupConfigArgs {
  /** Where DeepFlow's controller is, seen from where Pulumi runs. */
  readonly controller: {
    /** Any node of the cluster, or `127.0.0.1` with a port-forward. */
    readonly host: string;
    /**
     * NodePort of deepflow-server's API, or the forwarded port. Default: 30417, as in DeepFlow's Helm chart.
     */
    readonly port?: number | undefined;
    /** Seconds that one call may take. Default: 30. */
    readonly timeoutSeconds?: number | undefined;
  };
  /** Name of the agent group. Default: `default`, which every DeepFlow has. */
  readonly name?: string | undefined;
  /** Id of the agent group, where several have one name. */
  readonly id?: string | undefined;
  /**
   * How the controller is spoken to: by its tool, or by the HTTP API that the tool uses. Default:
   * `deepflow-ctl`.
   */
  readonly transport?: "deepflow-ctl" | "http" | undefined;
  /** The tool, looked for on PATH when it is needed. Default: `deepflow-ctl`. */
  readonly deepflowCtl?: string | undefined;
  /** What the agents of the group are to do; what is left out is not managed. */
  readonly integration?:
    | {
        /** Whether they take OpenTelemetry data. Default: true. */
        readonly enabled?: boolean | undefined;
        /** Port that they listen on. */
        readonly listenPort?: number | undefined;
        /** Whether they keep traces: where they do not, they answer 200 and drop them. */
        readonly traces?: boolean | undefined;
      }
    | undefined;
  /** The deepflow-agents that the group's configuration is about. Default: those of DeepFlow's Helm chart. */
  readonly deepFlow?: Destination | undefined;
}

/** The same on every machine and in every state: an old state runs the text that it holds. */
const run = (verb: string) => `npm run --silent agent-group-config -- ${verb}`;

/**
 * Makes the agents of a DeepFlow agent group listen for OpenTelemetry data, with everything else in the
 * group's configuration as it is, and puts back on destroy what was there before.
 *
 * Two Commands, because one that is killed after it wrote, and before its state is saved, would take its own
 * value for what was there before: `before` only reads and records, `apply` writes and restores. A third step
 * runs on every preview and up without being a resource: it reports what somebody else has changed, and in an
 * up puts it back.
 */
export class AgentGroupConfig extends pulumi.ComponentResource {
  /** DeepFlow's Destination, whose agents listen once this resource is there. */
  readonly destination: Destination;
  /** Id of the agent group. */
  readonly groupId: pulumi.Output<string>;
  /** What the last run changed; nothing where everything was as it should be. */
  readonly changes: pulumi.Output<unknown>;

  /**
   * @throws SettingsError with a sentence for each argument that cannot be used; nothing has been registered
   * then.
   */
  constructor(name: string, args: AgentGroupConfigArgs, opts?: pulumi.ComponentResourceOptions) {
    const { deepFlow, settings } = resolveAgentGroup(args);
    super("deepflow-otel:agent-group-config:AgentGroupConfig", name, {}, opts);
    const group = settings.id ?? settings.name ?? "default";
    refuseSecond(group, settings, name);

    // A group of another name is another resource: the new one is configured, then the old one put back.
    const child = `${name}-${group}`;
    const spec = specOf(settings);
    const before = new command.local.Command(
      `${child}-before`,
      {
        create: run("before"),
        update: run("before"),
        logging: "stderr",
        environment: { AGENT_GROUP_CONFIG: JSON.stringify(onlyKeys(spec)) },
      },
      { parent: this },
    );
    const apply = new command.local.Command(
      `${child}-apply`,
      {
        create: run("apply"),
        update: run("apply"),
        delete: run("restore"),
        logging: "stderr",
        environment: { AGENT_GROUP_CONFIG: JSON.stringify(spec), AGENT_GROUP_BEFORE: before.stdout },
      },
      { parent: this, dependsOn: before },
    );
    const reconciled = command.local.runOutput(
      {
        command: run(pulumi.runtime.isDryRun() ? "preview" : "reconcile"),
        logging: "stderr",
        environment: {
          AGENT_GROUP_CONFIG: JSON.stringify({ ...spec, agentUrl: agentUrl(deepFlow) }),
          // A preview compares with what is there, and needs no record: it must not wait for one that is not
          // written yet.
          ...(!pulumi.runtime.isDryRun() && { AGENT_GROUP_BEFORE: before.stdout }),
        },
      },
      { parent: this, ...(!pulumi.runtime.isDryRun() && { dependsOn: [apply] }) },
    );

    this.destination = deepFlow;
    this.groupId = field(before.stdout, "groupId") as pulumi.Output<string>;
    this.changes = field(reconciled.stdout, "changes");
    this.registerOutputs({ groupId: this.groupId, changes: this.changes });
  }
}

/**
 * Arguments with their defaults.
 *
 * @throws SettingsError with a sentence for each that cannot be used.
 */
export function resolveAgentGroup({ deepFlow, ...given }: AgentGroupConfigArgs) {
  const settings = parseArgs(agentGroupSettings, given, "AgentGroupConfig");
  return { deepFlow: deepFlow ?? chartDestination, settings };
}

/** What the program is told to bring about. */
export function specOf({
  id,
  name = "default",
  controller,
  transport,
  deepflowCtl,
  integration,
}: AgentGroupSettings): ProgramSpec {
  return { group: id === undefined ? { name } : { id }, controller, transport, deepflowCtl, integration };
}

/**
 * What `before` depends on: which settings are managed, not their values. A changed value must not make it
 * read again, because then it would record what this stack wrote.
 */
function onlyKeys(spec: ProgramSpec): ProgramSpec {
  const { enabled, listenPort, traces } = spec.integration;
  return {
    ...spec,
    integration: {
      ...(enabled !== undefined && { enabled: true }),
      ...(listenPort !== undefined && { listenPort: 1 }),
      ...(traces !== undefined && { traces: true }),
    },
  };
}

/** Where an agent can be asked whether it listens; a node's own address cannot be known from here. */
function agentUrl(destination: Destination): string | undefined {
  return destination.host === nodeHost ? undefined : endpointUrl(destination, "http/protobuf");
}

function field(stdout: pulumi.Output<string>, name: string): pulumi.Output<unknown> {
  return stdout.apply((text) => (text ? (JSON.parse(text) as Record<string, unknown>)[name] : undefined));
}

/** The groups that a run of the program configures, by the stack that it runs. */
const configured = new WeakMap<object, Map<string, string>>();
const withoutStack = {};

/** Two components for one group would write against each other on every run. */
function refuseSecond(group: string, { controller }: AgentGroupSettings, name: string): void {
  const stack = (pulumi.runtime.getStackResource() as object | undefined) ?? withoutStack;
  const groups = configured.get(stack) ?? new Map<string, string>();
  configured.set(stack, groups);
  const key = `${controller.host}:${controller.port} ${group}`;
  const other = groups.get(key);
  if (other !== undefined) {
    throw new pulumi.RunError(
      `${other} and ${name} both configure the agent group ${group} at ${controller.host}; leave one of the two out.`,
    );
  }
  groups.set(key, name);
}
