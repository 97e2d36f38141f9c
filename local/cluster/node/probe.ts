import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { V1Container, V1Probe } from "@kubernetes/client-node";

/** Where a container is asked, and from where: a kubelet's probes come from the node's address. */
export interface ProbeTarget {
  container: V1Container;
  podIP: string;
  nodeAddress: string | undefined;
}

/**
 * Asks a probe once, as a kubelet does: an httpGet has to be answered with 2xx or 3xx within the probe's
 * timeout, a tcpSocket has to open. Undefined for probes of another kind, which are not asked here.
 */
export async function ask(probe: V1Probe | undefined, target: ProbeTarget): Promise<boolean | undefined> {
  const { container, podIP, nodeAddress } = target;
  const httpGet = probe?.httpGet;
  const handler = httpGet ? { host: httpGet.host, port: httpGet.port } : probe?.tcpSocket;
  if (handler === undefined) return undefined;
  const port = containerPort(container, handler.port);
  if (port === undefined) return false;
  const options = {
    host: handler.host ?? podIP,
    port,
    ...(nodeAddress === undefined ? {} : { localAddress: nodeAddress }),
    signal: AbortSignal.timeout((probe?.timeoutSeconds ?? 1) * 1000),
  };
  try {
    if (httpGet === undefined) {
      const socket = connect(options);
      await once(socket, "connect");
      socket.destroy();
      return true;
    }
    const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]));
    const asked = request({ ...options, path: httpGet.path ?? "/", headers, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
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

/** Milliseconds between two looks whether a container runs. */
const lookInterval = 100;

/**
 * Follows whether a container is ready, as a kubelet does: while it runs, once its startup probe has
 * succeeded, and from then on as its readiness probe says. Liveness probes are not asked. `report` is told of
 * every change; it starts as not ready.
 */
export async function followReadiness(
  target: ProbeTarget,
  isRunning: () => boolean,
  report: (ready: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const { startupProbe, readinessProbe } = target.container;
  let ready = false;
  const become = (now: boolean): void => {
    if (now !== ready) report(now);
    ready = now;
  };
  const isWanted = (): boolean => isRunning() && !signal.aborted;
  /** Waits as long as the container runs; false where it has ended or nobody is interested any more. */
  const wait = async (seconds: number): Promise<boolean> => {
    const end = performance.now() + seconds * 1000;
    while (isWanted() && performance.now() < end) {
      await delay(lookInterval, undefined, { signal }).catch(() => undefined);
    }
    return isWanted();
  };
  while (!signal.aborted) {
    become(false);
    await delay(lookInterval, undefined, { signal }).catch(() => undefined);
    if (!isRunning()) continue;
    let started = startupProbe === undefined;
    while (!started && isWanted()) {
      started = (await ask(startupProbe, target)) ?? true;
      if (!started) await wait(startupProbe?.periodSeconds ?? 10);
    }
    let failures = 0;
    while (isWanted()) {
      failures = ((await ask(readinessProbe, target)) ?? true) ? 0 : failures + 1;
      if (failures === 0 || failures >= (readinessProbe?.failureThreshold ?? 3)) become(failures === 0);
      if (!(await wait(readinessProbe?.periodSeconds ?? 10))) break;
    }
  }
}
