import type { Cluster } from "./cluster.ts";

/** All that is used of a cluster here. */
type KubectlOf = Pick<Cluster, "kubectl">;

/** Applies the manifests of a file or folder, server-side. */
export async function applyManifests(cluster: KubectlOf, path: string): Promise<void> {
  await kubectl(cluster, ["apply", "--server-side", "-f", path]);
}

/**
 * Runs kubectl and returns what it printed.
 *
 * @throws Error, what kubectl said, if it failed.
 */
export async function kubectl(
  cluster: KubectlOf,
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args, options);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(" ")} failed: ${stderr.trim()}`);
  return stdout;
}
