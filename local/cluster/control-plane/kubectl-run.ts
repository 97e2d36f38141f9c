import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** What a kubectl command printed, and how it ended. */
export interface KubectlResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** kubectl's environment: which cluster, and a cache that goes away with it. */
export function kubectlEnv(dir: string, kubeconfig: string): Record<string, string> {
  return { KUBECONFIG: kubeconfig, KUBECACHEDIR: `${dir}/kubectl-cache` };
}

/** Runs kubectl to its end, whatever the exit status. `input` is its stdin. */
export async function runKubectl(
  program: string,
  args: readonly string[],
  options: { env: Record<string, string>; input?: string; signal?: AbortSignal },
): Promise<KubectlResult> {
  const child = spawn(program, args, {
    env: { ...process.env, ...options.env },
    stdio: "pipe",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  // It may end, with a sentence on stderr, before it has read everything.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const closed = once(child, "close") as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { stdout, stderr, exitCode: code ?? 1 };
}

/** Like `runKubectl`, for where only success will do: returns stdout, or throws what kubectl said. */
export async function mustKubectl(...parameters: Parameters<typeof runKubectl>): Promise<string> {
  const result = await runKubectl(...parameters);
  if (result.exitCode === 0) return result.stdout;
  throw new Error(`\`kubectl ${parameters[1].join(" ")}\` failed: ${result.stderr.trim()}`);
}
