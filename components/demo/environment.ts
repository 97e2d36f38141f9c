import type * as k8s from "@pulumi/kubernetes";
import type { Destination } from "../destination.ts";
import { envVar, type Value } from "../env-var.ts";
import { hostIp, telemetryVariables } from "../sdk/sdk.ts";
import { jvmMemoryFlags } from "./jvm-memory.ts";
import { portOf, serviceNameOf, type Row } from "./table.ts";

/** Where the Java agent is in a container that gets one from this program. */
export const javaAgentFolder = "/otel";

/**
 * All variables of a service's container: its port, the addresses of what it calls, its own, a JVM's flags,
 * and the telemetry variables that its SDK reads. Those that others refer to by `$(NAME)` come first.
 */
export function environment(row: Row, destination: Destination): k8s.types.input.core.v1.EnvVar[] {
  const { service } = row;
  const port = portOf(service);
  const telemetry = telemetryOf(row, destination);
  const agent = service.javaAgent ? [`-javaagent:${javaAgentFolder}/javaagent.jar`] : [];
  const values: Record<string, Value> = {
    ...(port && service.portVariable && { [service.portVariable]: String(port.number) }),
    ...addresses(row),
    ...(service.registers && { [service.registers.hostVariable]: { fieldPath: "status.podIP" } }),
    ...service.environment,
    ...(service.language === "java" && {
      JAVA_TOOL_OPTIONS: [...agent, ...jvmMemoryFlags(service.memoryMib)].join(" "),
    }),
    ...(telemetry && hostIp(destination)),
    ...telemetry,
  };
  return Object.entries(values).map(([name, value]) => envVar(name, value));
}

/** Whether spans of a service can reach the destination; `undefined` for one without an SDK. */
export function canReach(row: Row, destination: Destination): boolean | undefined {
  return row.service.sdk && telemetryOf(row, destination) !== undefined;
}

/** A tag such as `v0.1.0-alpha-cartservice` says `v0.1.0-alpha`; `latest` and a digest say no version. */
function telemetryOf(row: Row, destination: Destination) {
  const { sdk, image } = row.service;
  const version = image.tag === "latest" ? undefined : image.tag?.replace(`-${row.name}`, "");
  return sdk && telemetryVariables(sdk, { serviceName: serviceNameOf(row), version }, destination);
}

function addresses({ demo, service }: Row): Record<string, string> {
  const pairs = Object.entries(service.calls ?? {}).flatMap(([callee, call]) => {
    const port = portOf(demo.services[callee])?.number;
    if (port === undefined || !("variable" in call)) return [];
    const address = { host: callee, "host:port": `${callee}:${port}`, url: `http://${callee}:${port}` };
    return [[call.variable, address[call.as ?? "host:port"]]];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
