import { join } from "node:path";
import { applySetOf, folders, type RenderedFiles } from "../render/files.ts";
import { writeFiles } from "../render/write.ts";
import type { Cluster } from "./cluster.ts";

/**
 * Applies a rendering as DIR/README.md tells people to: server-side, an ApplySet per folder, so that what is no longer
 * rendered is removed. Returns kubectl's lines, such as `service/otel-agent serverside-applied`.
 *
 * @throws Error, what kubectl said, at the first folder that is refused.
 */
export async function applyRendered(
  cluster: Cluster,
  stack: string,
  files: RenderedFiles,
  folder = join(cluster.dir, "rendered", stack),
): Promise<string[]> {
  writeFiles(folder, files);
  const lines: string[] = [];
  for (const name of folders(files)) {
    const set = applySetOf(name, stack);
    const args = [
      "apply",
      "--server-side",
      "-n",
      set.namespace,
      "--prune",
      `--applyset=configmaps/${set.name}`,
    ];
    const output = await kubectl(cluster, [...args, "-f", join(folder, name)], { KUBECTL_APPLYSET: "true" });
    lines.push(...output.trimEnd().split("\n"));
  }
  return lines;
}

/** Applies manifests that are not a stack's, such as what stands for DeepFlow. */
export async function applyManifests(cluster: Cluster, path: string): Promise<void> {
  await kubectl(cluster, ["apply", "--server-side", "-f", path]);
}

/**
 * Runs kubectl and returns what it printed.
 *
 * @throws Error, what kubectl said, if it failed.
 */
export async function kubectl(
  cluster: Cluster,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args, { env });
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(" ")} failed: ${stderr.trim()}`);
  return stdout;
}
