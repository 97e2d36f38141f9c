import { setTimeout as delay } from "node:timers/promises";
import type { KubeConfig, KubernetesListObject, KubernetesObject } from "@kubernetes/client-node";
import { makeInformer } from "@kubernetes/client-node";

/** All objects of one kind, kept up to date. */
export interface SharedInformer<T> {
  list: () => readonly T[];
  get: (name: string, namespace?: string) => T | undefined;
  /**
   * Calls `listener` after changes, several of which may make one call: it compares what is with what should
   * be.
   */
  onChange: (listener: () => void) => void;
  stop: () => Promise<void>;
}

/**
 * Watches every object under `path`, with its content read once before this resolves. A lost watch is taken
 * up again every second until `stop`.
 *
 * @param path API path of the collection, such as `/api/v1/pods`.
 * @param list Lists the same collection.
 */
export async function startInformer<T extends KubernetesObject>(
  kubeConfig: KubeConfig,
  path: string,
  list: () => Promise<KubernetesListObject<T>>,
  log: (line: string) => void,
): Promise<SharedInformer<T>> {
  const informer = makeInformer<T>(kubeConfig, path, list);
  const listeners: (() => void)[] = [];
  const stopped = new AbortController();
  let pending = false;
  informer.on("change", () => {
    // A list reports each of its objects; listeners look at all of them anyway, so once is enough.
    if (pending) return;
    pending = true;
    setImmediate(() => {
      pending = false;
      if (!stopped.signal.aborted) for (const listener of listeners) listener();
    });
  });
  informer.on("error", (error: unknown) => {
    if (stopped.signal.aborted) return;
    log(`The watch on ${path} ended: ${String(error)}. It is taken up again.`);
    delay(1000, undefined, { signal: stopped.signal }).then(
      () => informer.start(),
      () => undefined,
    );
  });
  await informer.start();
  return {
    list: () => informer.list(),
    get: (name, namespace) => informer.get(name, namespace),
    onChange: (listener) => listeners.push(listener),
    stop: async () => {
      stopped.abort();
      await informer.stop();
    },
  };
}
