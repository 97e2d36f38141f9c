import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { NodeView } from "./node-view.ts";
import { nodeOfAddress } from "./node-view.ts";
import { senderAddress } from "./sender.ts";
import type { PodProcess } from "./sender.ts";
import { chooseEndpoint, servicePorts } from "./service-endpoints.ts";
import type { Endpoint, ServicePort } from "./service-endpoints.ts";

export interface KubeProxyOptions {
  view: NodeView;
  /** The real processes of pods at this moment, those of pods that are being terminated included. */
  processes: () => readonly PodProcess[];
  /**
   * Why NetworkPolicies refuse a connection between two addresses, in sentences; undefined if they allow it.
   */
  refusal: (from: string, to: Pick<Endpoint, "address" | "port">) => string | undefined;
  log: (line: string) => void;
}

/** A port of a Service as it is served: the listener, and what it knows of its endpoints. */
interface Served {
  current: ServicePort;
  /** Connections so far, for round robin. */
  turn: number;
  server: Server;
}

/**
 * How long after a change of Services or endpoints new connections go by it, in milliseconds. A kube-proxy
 * writes its rules at most once a second (`minSyncPeriod`, 1 s by default:
 * https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1).
 */
const syncDelay = 1_000;

/**
 * Serves the ClusterIPs of Services, as the kube-proxies of all nodes do: a connection goes to a ready
 * endpoint and keeps the sender's address. It learns of every change a second late, so that a pod which stops
 * listening as soon as it is told to end refuses connections that are still on their way to it. A port
 * without endpoints is refused; with `internalTrafficPolicy: Local` a client on a node without one is reset.
 *
 * A connection that NetworkPolicies refuse is reset at once, and `log` is told why. A network plugin would
 * rather drop its packets without a word, and leave the client to its time limit.
 */
export function startKubeProxy({ view, processes, refusal, log }: KubeProxyOptions): {
  /** The ports of Services as connections are passed on at this moment. */
  inForce: () => ServicePort[];
  /** Whether a change is known that is not in force yet. */
  isPending: () => boolean;
  stop: () => Promise<void>;
} {
  const served = new Map<string, Served>();
  const connections = new Set<Socket>();

  const timers = new Set<NodeJS.Timeout>();
  /** What is now comes into force later, whatever changes until then. */
  const updateLater = (): void => {
    const ports = servicePorts(view.services.list(), view.endpointSlices.list());
    const timer = setTimeout(() => {
      timers.delete(timer);
      update(ports);
    }, syncDelay);
    timers.add(timer);
  };

  const update = (ports: readonly ServicePort[]): void => {
    const wanted = new Map(
      ports
        .filter(({ endpoints }) => endpoints.length > 0)
        .map((port) => [`${port.id} at ${port.address}`, port]),
    );
    for (const [id, { server }] of served) {
      if (wanted.has(id)) continue;
      served.delete(id);
      // Connections that are established stay, as with a real kube-proxy.
      server.close();
    }
    for (const [id, port] of wanted) {
      const known = served.get(id);
      if (known) known.current = port;
      else served.set(id, listen(port));
    }
  };

  const listen = (port: ServicePort): Served => {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      forward(client, entry).catch((error: unknown) => {
        log(`A connection to Service ${entry.current.id} failed: ${String(error)}`);
        client.resetAndDestroy();
      });
    });
    server.on("error", (error) => {
      log(`Service ${port.id} is not served at ${port.address}: ${error.message}`);
    });
    const entry = { current: port, turn: 0, server };
    server.listen(port.port, port.address);
    return entry;
  };

  const forward = async (client: Socket, entry: Served): Promise<void> => {
    track(client);
    const known = processes();
    const sender = await senderAddress(client, known);
    const process = known.find(({ podIP }) => podIP === sender);
    const node = process?.node ?? nodeOfAddress(sender, view.pods.list(), view.nodes.list());
    const endpoint = chooseEndpoint(entry.current, node, entry.turn++);
    if (endpoint === undefined) {
      log(`Service ${entry.current.id} has no ready endpoint for ${sender} on ${node ?? "no known node"}.`);
      client.resetAndDestroy();
      return;
    }
    const reason = refusal(sender, endpoint);
    if (reason !== undefined) {
      log(`A connection to Service ${entry.current.id} is refused: ${reason}`);
      client.resetAndDestroy();
      return;
    }
    // A sender that is neither pod nor node keeps no address: it would have none that answers could go to.
    const localAddress = node === undefined ? {} : { localAddress: sender };
    const backend = connect({
      host: endpoint.address,
      port: endpoint.port,
      allowHalfOpen: true,
      ...localAddress,
    });
    track(backend);
    join(client, backend);
  };

  const track = (socket: Socket): void => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  };

  view.services.onChange(updateLater);
  view.endpointSlices.onChange(updateLater);
  update(servicePorts(view.services.list(), view.endpointSlices.list()));
  return {
    isPending: () => timers.size > 0,
    inForce: () => [...served.values()].map(({ current }) => current),
    stop: async () => {
      for (const timer of timers) clearTimeout(timer);
      const closing = [...served.values()].filter(({ server }) => server.listening);
      const closed = Promise.all(closing.map(({ server }) => once(server, "close")));
      for (const { server } of closing) server.close();
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

/** Passes on bytes, ends and resets in both directions. */
function join(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.setNoDelay();
    from.pipe(to);
    from.on("error", () => to.resetAndDestroy());
    from.on("close", () => {
      if (from.errored === null && !from.readableEnded) to.destroy();
    });
  }
}
