import { deepFlowDestination } from "../deepflow/destination.ts";
import { deepFlowSettings } from "../deepflow/settings.ts";
import { configYaml, pipelineConfig } from "../otel-agent/collector-config.ts";
import { configSyntaxOf, versionOfTag } from "../otel-agent/collector-version.ts";
import { onlyOtlp } from "../otel-agent/ports.ts";
import { parseArgs } from "../schema/args.ts";
import type { HostCollectorArgs } from "./args.ts";
import { hostCollectorSettings, type HostCollectorSettings } from "./settings.ts";
import { unitFile } from "./unit.ts";

/** The only address that it listens on: its senders are the host's own processes. */
export const listenAddress = "127.0.0.1";

/** Where the Collector's configuration is on a host. */
export const configFile = "/etc/otel-agent/config.yaml";

/**
 * What is to be on a host: the arguments with their defaults, and the two files that follow.
 *
 * @throws SettingsError with a sentence for each argument that cannot be used.
 */
export function resolveHostCollector(args: Omit<HostCollectorArgs, Credential>) {
  const settings = parseArgs(hostCollectorSettings, args, "HostCollector");
  const memoryLimitMib = settings.memoryLimit.mebibytesWithin;
  const { collector } = settings;
  return {
    ...settings,
    configYaml: hostConfigYaml(settings, memoryLimitMib),
    unit: unitFile({ collector, configFile, memoryLimitMib }),
  };
}

/** What opens a connection: it is no part of the files, and may be a value that only the engine knows. */
export type Credential = "privateKey" | "privateKeyPassword" | "password";

export type ResolvedHostCollector = ReturnType<typeof resolveHostCollector>;

/**
 * The configuration of a host's Collector: that of a cluster's without looking up pods. `app.host.ip` is the
 * host's address, because the senders are on it; one that an SDK has set itself stays.
 */
function hostConfigYaml(settings: HostCollectorSettings, memoryLimitMib: number): string {
  const { host, address = host, version, destinationUrl: url, sampling, ...others } = settings;
  const parsed = versionOfTag(version);
  const syntax = parsed && configSyntaxOf(parsed);
  if (!syntax) throw new Error("Settings that were checked have no version.");
  const destination = deepFlowDestination(deepFlowSettings.parse({ type: "url", url }), "");
  const config = pipelineConfig(
    {
      ...others,
      syntax,
      destination,
      memoryLimitMib,
      samplingPercentage: sampling?.percentage,
      processors: {},
      exporters: {},
      queue: { storage: "memory" },
      selfMetrics: false,
      receivers: onlyOtlp,
    },
    { listenAddress, lookup: [], resource: "resource", appHostIp: { value: address } },
  );
  return configYaml(config);
}
