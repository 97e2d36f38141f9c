import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import type { ProgramResult } from "../cluster/node/pod-program.ts";
import { errorMessage } from "../cluster/terminal/error-message.ts";
import { onJsonLine } from "./json-lines.ts";
import { ProgramConnection } from "./program-connection.ts";
import type { ServicePod } from "./service-pods.ts";
import type { Command, ServiceSpec, ServiceInput } from "./service-spec.ts";

/** A service, the pod that it is replayed in, and the addresses whose connections it takes. */
export interface ServiceProgram {
  readonly namespace: string;
  readonly pod: ServicePod;
  readonly spec: ServiceSpec;
  readonly allowedAddresses: readonly string[];
}

/** Tells the program of a service something, and returns its answer. */
export type Tell = (service: string, command: Command) => Promise<unknown>;

/** Seconds after which programs are given up; a replay takes about five. */
const limit = 90;

/**
 * Runs a program in every pod, all at once; when all listen, `work` tells them what to do. However that ends,
 * none runs any more when this returns.
 *
 * @throws Error, a sentence, when a program ends by itself or the time is over; the reason of `signal` when
 * it is aborted.
 */
export async function withServicePrograms<T>(
  cluster: Pick<Cluster, "control">,
  servicePrograms: readonly ServiceProgram[],
  work: (tell: Tell) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  // A socket's path has to fit into 108 bytes, which one in the cluster's folder need not.
  const folder = mkdtempSync(join(tmpdir(), "replay-"));
  const socket = join(folder, "socket");
  const programConnections = new Map(
    servicePrograms.map(({ spec: { service } }) => [service, new ProgramConnection(service)]),
  );
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    // What it means is told by how the program ended.
    connection.on("error", () => connection.destroy());
    let programConnection: ProgramConnection | undefined;
    onJsonLine(connection, (value) => {
      programConnection ??= programConnections.get(String(value));
      programConnection?.receive(value, connection);
    });
  });
  const failed = new AbortController();
  const timer = setTimeout(() => {
    const silent = [...programConnections.values()].filter(({ isAwaited }) => isAwaited);
    const names = silent.map(({ service }) => service).join(", ");
    failed.abort(new Error(`The programs of ${names} did not answer within ${limit} s.`));
  }, limit * 1000);
  const runs: Promise<void>[] = [];
  try {
    server.listen(socket);
    await once(server, "listening");
    const run = async (serviceProgram: ServiceProgram) => {
      failed.abort(await ended(cluster, serviceProgram, socket));
    };
    runs.push(...servicePrograms.map(run));
    const replayed = Promise.all([...programConnections.values()].map(({ answer }) => answer)).then(() =>
      work((service, command) => connectionOf(programConnections, service).tell(command)),
    );
    return await orAborted(replayed, AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]));
  } finally {
    clearTimeout(timer);
    server.close();
    for (const connection of connections) connection.destroy();
    rmSync(folder, { recursive: true, force: true });
    await Promise.all(runs);
  }
}

/** Runs a program until it ends, and says how that was. */
async function ended(
  cluster: Pick<Cluster, "control">,
  { namespace, pod, spec, allowedAddresses }: ServiceProgram,
  socket: string,
): Promise<Error> {
  const input: ServiceInput = { ...spec, socket, allowedAddresses };
  const program = join(import.meta.dirname, "service.ts");
  const who = `The program of ${spec.service} in pod ${pod.pod}`;
  try {
    const request = { namespace, pod: pod.pod, program, input };
    const { exitCode, stderr } = (await cluster.control("POST", "/run", request)) as ProgramResult;
    return new Error(`${who} ended by itself, with ${exitCode}: ${stderr.trim()}`);
  } catch (error) {
    return new Error(`${who} did not run: ${errorMessage(error)}`);
  }
}

function connectionOf(
  programConnections: ReadonlyMap<string, ProgramConnection>,
  service: string,
): ProgramConnection {
  const programConnection = programConnections.get(service);
  if (programConnection === undefined) throw new Error(`No program runs for ${service}.`);
  return programConnection;
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  return Promise.race([work, promise]);
}
