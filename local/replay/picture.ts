import type { Picture } from "../report/picture.ts";
import type { Replay } from "./replay.ts";

/** A replay as the page shows it; of its traces the longest, which is the walk through all services. */
export function pictureOf(replay: Replay, dashboard: string): Picture {
  const { demo, services, edges, problems, trace } = replay;
  const traces = Map.groupBy(trace, ({ traceId }) => traceId);
  const [longest = []] = [...traces.values()].sort((a, b) => b.length - a.length);
  const { title, namespace } = demo;
  return { title, namespace, services, edges, problems, trace: longest, dashboard };
}
