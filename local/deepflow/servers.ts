import type { RunningProgram } from "../cluster/node/pod-process.ts";

/** A container's program that is these servers, and ends with them. */
export async function runServers(
  starting: readonly Promise<{ stop: () => Promise<void> }>[],
): Promise<RunningProgram> {
  const servers = await Promise.all(starting);
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  return {
    exited,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      resolve(0);
    },
  };
}
