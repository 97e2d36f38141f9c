import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { endpointUrl, nodeHost, type Destination } from "../destination.ts";
import type { ProgramSpec } from "./messages.ts";
import type { AgentGroupSettings } from "./settings.ts";

/** What an `AgentGroupConfig` is made from. */
export interface AgentGroupConfigArgs extends AgentGroupSettings {
  /** The deepflow-agents that the group's configuration is about. */
  readonly destination: Destination;
}

/** The same on every machine and in every state: an old state runs the text that it holds. */
const run = (verb: string) => `npm run --silent agent-group-config -- ${verb}`;

/**
 * Makes the agents of a DeepFlow agent group listen for OpenTelemetry data, with everything else in the group's configuration
 * as it is, and puts back on destroy what was there before.
 *
 * Two Commands, because one that is killed after it wrote, and before its state is saved, would take its own value for what was there before:
 * `before` only reads and records, `apply` writes and restores. A third step runs on every preview and up without being a
 * resource: it reports what somebody else has changed, and in an up puts it back.
 */
export class AgentGroupConfig extends pulumi.ComponentResource {
  /** DeepFlow's Destination, whose agents listen once this resource is there. */
  readonly destination: Destination;
  /** Id of the agent group. */
  readonly groupId: pulumi.Output<string>;
  /** What the last run changed; nothing where everything was as it should be. */
  readonly changes: pulumi.Output<unknown>;

  constructor(name: string, args: AgentGroupConfigArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deepflow-otel:agent-group-config:AgentGroupConfig", name, {}, opts);
    const group = args.id ?? args.name ?? "default";
    refuseSecond(group, args, name);

    // A group of another name is another resource: the new one is configured, then the old one put back.
    const child = `${name}-${group}`;
    const spec = specOf(args);
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
          AGENT_GROUP_CONFIG: JSON.stringify({ ...spec, agentUrl: agentUrl(args.destination) }),
          // A preview compares with what is there, and needs no record: it must not wait for one that is not written yet.
          ...(!pulumi.runtime.isDryRun() && { AGENT_GROUP_BEFORE: before.stdout }),
        },
      },
      { parent: this, ...(!pulumi.runtime.isDryRun() && { dependsOn: [apply] }) },
    );

    this.destination = args.destination;
    this.groupId = field(before.stdout, "groupId") as pulumi.Output<string>;
    this.changes = field(reconciled.stdout, "changes");
    this.registerOutputs({ groupId: this.groupId, changes: this.changes });
  }
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
 * What `before` depends on: which settings are managed, not their values. A changed value must not make it read again, because
 * then it would record what this stack wrote.
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
