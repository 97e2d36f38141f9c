import { spawn } from "node:child_process";
import { failure, kubectlArgs, type KubectlOptions } from "./kubectl.ts";

/** What is forwarded to: `service/deepflow-server` or another kind that kubectl finds pods of. */
export interface ForwardTarget {
  readonly resource: string;
  readonly namespace: string;
  readonly port: number;
}

/** A free port of this machine that leads to a pod, until it is closed. */
export interface PortForward {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** Whether it has ended by itself, as it does with its pod. */
  readonly ended: () => boolean;
  close(): void;
}

/** Milliseconds that kubectl may take to begin. */
const startTimeoutMs = 20_000;

/**
 * Runs `kubectl port-forward` until it is closed.
 *
 * @throws Error, what kubectl said, where it does not begin.
 */
export async function portForward(target: ForwardTarget, options: KubectlOptions): Promise<PortForward> {
  const { program = "kubectl", signal } = options;
  const { resource, namespace, port } = target;
  const args = ["port-forward", "-n", namespace, resource, `:${port}`, "--address", "127.0.0.1"];
  const child = spawn(program, [...kubectlArgs(options), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal && { signal }),
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let [said, stderr, ended] = ["", "", false];
  const end = (error: Error): void => {
    ended = true;
    reject(new Error(failure(program, args, error, stderr), { cause: error }));
  };
  child.on("error", end);
  child.on("close", (code) => {
    end(new Error(`it ended with ${code ?? "a signal"}`));
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr += data.toString();
  });
  child.stdout.on("data", (data: Buffer) => {
    said += data.toString();
    const [, local] = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
    if (local !== undefined) resolve(local);
  });
  const timer = setTimeout(() => {
    reject(new Error(`\`kubectl ${args.join(" ")}\` did not begin in ${startTimeoutMs / 1000} s.`));
  }, startTimeoutMs);
  const close = () => child.kill();
  try {
    return { url: `http://127.0.0.1:${await promise}`, ended: () => ended, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
