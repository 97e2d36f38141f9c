import type { Demo } from "../../components/demo/table.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { replay, type Replay, type ReplayOptions } from "./replay.ts";

/**
 * Replays demos side by side; the results are in the demos' order. `report` is told how far each is.
 *
 * @throws Error, the first one of a replay; the others have ended then, too.
 */
export async function replayAll(
  cluster: Cluster,
  demos: readonly Demo[],
  { report, signal }: Required<ReplayOptions>,
): Promise<Replay[]> {
  const doing = new Map<string, string>();
  const failed = new AbortController();
  const replays = demos.map((demo) =>
    replay(cluster, demo, {
      report: (text) => {
        doing.set(demo.title, text);
        report([...doing].map(([title, what]) => `${title} ${what}`).join(", "));
      },
      signal: AbortSignal.any([signal, failed.signal]),
    }).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(replays);
  return Promise.all(replays);
}
