/**
 * Calls `handler` at Ctrl-C or SIGTERM, so that work can be undone. The returned function ends that; where
 * nobody else listens it then lets the signal end the process, as it would have done.
 */
export function onInterrupt(handler: (signal: NodeJS.Signals) => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let seen: NodeJS.Signals | undefined;
  const listener = (signal: NodeJS.Signals) => {
    seen ??= signal;
    handler(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
    if (seen !== undefined && process.listenerCount(seen) === 0) process.kill(process.pid, seen);
  };
}
