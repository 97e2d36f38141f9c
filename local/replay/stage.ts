import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import type { ProgramResult } from "../cluster/node/pod-program.ts";
import type { CastMember } from "./cast.ts";
import { onJsonLine } from "./json-lines.ts";
import type { Command, Part, PartInput } from "./part.ts";
import { Performer } from "./performer.ts";

/** A part, the pod that plays it, and the addresses whose connections it takes. */
export interface Role {
  readonly namespace: string;
  readonly member: CastMember;
  readonly part: Part;
  readonly admitted: readonly string[];
}

/** Tells the program of a service something, and returns its answer. */
export type Tell = (service: string, command: Command) => Promise<unknown>;

/** Seconds after which programs are given up; a replay takes about five. */
const limit = 90;

/**
 * Runs a program in every pod, all at once; when all listen, `play` directs them. However that ends, none runs any more when this
 * returns.
 *
 * @throws Error, a sentence, when a program ends by itself or the time is over; the reason of `signal` when it is aborted.
 */
export async function onStage<T>(
  cluster: Pick<Cluster, "control">,
  roles: readonly Role[],
  play: (tell: Tell) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  // A socket's path has to fit into 108 bytes, which one in the cluster's folder need not.
  const folder = mkdtempSync(join(tmpdir(), "replay-"));
  const socket = join(folder, "socket");
  const performers = new Map(roles.map(({ part: { service } }) => [service, new Performer(service)]));
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    // What it means is told by how the program ended.
    connection.on("error", () => connection.destroy());
    let performer: Performer | undefined;
    onJsonLine(connection, (value) => {
      performer ??= performers.get(String(value));
      performer?.said(value, connection);
    });
  });
  const failed = new AbortController();
  const timer = setTimeout(() => {
    const silent = [...performers.values()].filter(({ isAwaited }) => isAwaited);
    const names = silent.map(({ service }) => service).join(", ");
    failed.abort(new Error(`The programs that play ${names} did not answer within ${limit} s.`));
  }, limit * 1000);
  const runs: Promise<void>[] = [];
  try {
    server.listen(socket);
    await once(server, "listening");
    const run = async (role: Role) => {
      failed.abort(await ended(cluster, role, socket));
    };
    runs.push(...roles.map(run));
    const replayed = Promise.all([...performers.values()].map(({ answer }) => answer)).then(() =>
      play((service, command) => performerOf(performers, service).tell(command)),
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
  { namespace, member, part, admitted }: Role,
  socket: string,
): Promise<Error> {
  const input: PartInput = { ...part, socket, admitted };
  const program = join(import.meta.dirname, "service.ts");
  const who = `The program that plays ${part.service} in pod ${member.pod}`;
  try {
    const request = { namespace, pod: member.pod, program, input };
    const { exitCode, stderr } = (await cluster.control("POST", "/run", request)) as ProgramResult;
    return new Error(`${who} ended by itself, with ${exitCode}: ${stderr.trim()}`);
  } catch (error) {
    return new Error(`${who} did not run: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function performerOf(performers: ReadonlyMap<string, Performer>, service: string): Performer {
  const performer = performers.get(service);
  if (performer === undefined) throw new Error(`Nobody plays ${service}.`);
  return performer;
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
