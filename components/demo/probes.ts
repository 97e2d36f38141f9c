import type * as k8s from "@pulumi/kubernetes";
import { checksOf, portOf, type Check, type Service } from "./table.ts";

/** Seconds that a service gets to start: a JVM with an agent on a busy node takes minutes. */
const startSeconds = 300;

const startPeriod = 5;

/**
 * The three probes of a service's container; none for one that has no port and says nothing of how it is
 * asked.
 */
export function probes(
  service: Service,
): Pick<k8s.types.input.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const checks = checksOf(service);
  if (checks === undefined) return {};
  const { ready, alive } = checks;
  return {
    startupProbe: {
      ...probe(service, ready),
      periodSeconds: startPeriod,
      failureThreshold: startSeconds / startPeriod,
    },
    readinessProbe: { ...probe(service, ready), periodSeconds: 10 },
    livenessProbe: { ...probe(service, alive), periodSeconds: 20, failureThreshold: 3 },
  };
}

function probe(service: Service, check: Check): k8s.types.input.core.v1.Probe {
  const timeoutSeconds = 5;
  if ("exec" in check) return { exec: { command: [...check.exec] }, timeoutSeconds };
  const port = portOf(service)?.protocol ?? "";
  if ("http" in check) return { httpGet: { path: check.http, port }, timeoutSeconds };
  return { tcpSocket: { port }, timeoutSeconds };
}
