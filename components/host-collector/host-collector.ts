import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Destination } from "../destination.ts";
import { collectorEndpoints } from "../otel-agent/destination.ts";
import type { HostCollectorArgs } from "./args.ts";
import { listenAddress, resolveHostCollector } from "./resolve.ts";
import { hostCommand, hostScript } from "./script.ts";

export type { HostCollectorArgs } from "./args.ts";

/**
 * How long a host that is away is waited for: four attempts of ten seconds at most. The provider's defaults
 * are eleven of fifteen.
 */
const dialing = { perDialTimeout: 10, dialErrorLimit: 3 };

/**
 * An OpenTelemetry Collector for the processes of a host, as a systemd unit that is installed over SSH. It
 * hands their spans to the deepflow-agent of that host, with the host's address.
 *
 * One Command, with its script on standard input. `CopyToRemote` would write as the user who logs in, not
 * as root, before anybody could look at what it wrote, and would leave it there on destroy. The state keeps
 * the script, and with it the whole configuration, in plain text, and the connection encrypted; a destroy
 * runs what the state has.
 */
export class HostCollector extends pulumi.ComponentResource {
  /** Where the processes of the host send to. */
  readonly destination: Destination = { host: listenAddress, endpoints: collectorEndpoints };

  /**
   * @throws SettingsError with a sentence for each argument that cannot be used; nothing has been registered
   * then.
   */
  constructor(name: string, args: HostCollectorArgs, opts?: pulumi.ComponentResourceOptions) {
    const { privateKey, privateKeyPassword, password, ...given } = args;
    const resolved = resolveHostCollector(given);
    super("deepflow-otel:host-collector:HostCollector", name, {}, opts);
    const { host, port, user, hostKey } = resolved;
    const install = hostCommand("install", user);
    new command.remote.Command(
      `${name}-service`,
      {
        connection: {
          ...{ host, port, user, hostKey, ...dialing },
          ...secrets({ privateKey, privateKeyPassword, password }),
        },
        create: install,
        update: install,
        delete: hostCommand("remove", user),
        // On another host there is nothing to update, and on the old one a Collector to remove: a change of
        // triggers is a replacement. `replaceOnChanges: ["connection.host"]` is none, as seen with 3.265.0.
        triggers: [host],
        stdin: hostScript(resolved, `Pulumi stack ${pulumi.getProject()}/${pulumi.getStack()}`),
        // It would go by environment, which an SSH server refuses unless it is told otherwise.
        addPreviousOutputInEnv: false,
        logging: "stderr",
      },
      {
        parent: this,
        // The old one first, because two names may be one host.
        deleteBeforeReplace: true,
      },
    );
    this.registerOutputs({ destination: this.destination });
  }
}

function secrets<Name extends string>(
  values: Readonly<Record<Name, pulumi.Input<string> | undefined>>,
): Partial<Record<Name, pulumi.Output<string>>> {
  const given = Object.entries(values) as [Name, pulumi.Input<string> | undefined][];
  return Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, pulumi.secret(value)]])),
  ) as Partial<Record<Name, pulumi.Output<string>>>;
}
