import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import type { V1Container } from "@kubernetes/client-node";

/**
 * Asks a container's readiness probe, now, as a kubelet does: from the node's address, for an answer of 2xx or 3xx
 * within the probe's timeout. Undefined for a container whose probe is not of the kind httpGet.
 */
export async function isReady(
  container: V1Container,
  podIP: string,
  nodeAddress: string | undefined,
): Promise<boolean | undefined> {
  const httpGet = container.readinessProbe?.httpGet;
  if (httpGet === undefined) return undefined;
  const port = containerPort(container, httpGet.port);
  if (port === undefined) return false;
  const probe = request({
    host: httpGet.host ?? podIP,
    port,
    path: httpGet.path ?? "/",
    headers: Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value])),
    ...(nodeAddress === undefined ? {} : { localAddress: nodeAddress }),
    signal: AbortSignal.timeout((container.readinessProbe?.timeoutSeconds ?? 1) * 1000),
    agent: false,
  });
  probe.end();
  try {
    const [response] = (await once(probe, "response")) as [IncomingMessage];
    response.resume();
    const status = response.statusCode ?? 0;
    return status >= 200 && status < 400;
  } catch {
    return false;
  }
}

/** A port by its number, or by the name that the container gives it. */
export function containerPort(container: V1Container, port: string | number): number | undefined {
  if (typeof port === "number") return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}
