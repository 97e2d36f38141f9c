import type * as k8s from "@pulumi/kubernetes";
import { portOf, type ProbeHandler, type Service } from "./table.ts";

/** Seconds that a service gets to start: a JVM with an agent on a busy node takes minutes. */
const startSeconds = 300;

const startPeriodSeconds = 5;

/** What the probes of a service do; `undefined` for one that has no port and names no handler. */
export function probeHandlers(
  service: Service,
): { readonly readiness: ProbeHandler; readonly liveness: ProbeHandler } | undefined {
  if (service.probes === undefined && portOf(service) === undefined) return undefined;
  const { readiness = { tcp: true }, liveness = readiness } = service.probes ?? {};
  return { readiness, liveness };
}

/** The three probes of a service's container, if it has any. */
export function probes(
  service: Service,
): Pick<k8s.types.input.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const handlers = probeHandlers(service);
  if (handlers === undefined) return {};
  const [readiness, liveness] = [probe(service, handlers.readiness), probe(service, handlers.liveness)];
  return {
    startupProbe: {
      ...readiness,
      periodSeconds: startPeriodSeconds,
      failureThreshold: startSeconds / startPeriodSeconds,
    },
    readinessProbe: { ...readiness, periodSeconds: 10 },
    livenessProbe: { ...liveness, periodSeconds: 20, failureThreshold: 3 },
  };
}

function probe(service: Service, handler: ProbeHandler): k8s.types.input.core.v1.Probe {
  const timeoutSeconds = 5;
  if ("exec" in handler) return { exec: { command: [...handler.exec] }, timeoutSeconds };
  const port = portOf(service)?.protocol ?? "";
  if ("http" in handler) return { httpGet: { path: handler.http, port }, timeoutSeconds };
  return { tcpSocket: { port }, timeoutSeconds };
}
