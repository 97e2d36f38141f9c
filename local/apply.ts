import { join } from "node:path";
import { applySetOf, clusterFolder, folders, type RenderedFiles } from "../render/files.ts";
import { writeFiles } from "../render/write.ts";
import type { Cluster } from "./cluster/cluster.ts";
import { kubectl } from "./cluster/kubectl.ts";
import { ourVolumes, prerequisites, type ApiObject } from "./prerequisites.ts";

/**
 * Applies a rendering as DIR/README.md tells people to: the Secrets that it needs, then server-side an
 * ApplySet per folder, so that what is no longer rendered is removed. Returns kubectl's lines, such as
 * `service/otel-agent serverside-applied`.
 *
 * @throws Error, what kubectl said, at the first folder that is refused.
 */
export async function applyRendered(
  cluster: Pick<Cluster, "dir" | "kubectl">,
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
    const env = { KUBECTL_APPLYSET: "true" };
    const output = await kubectl(cluster, [...args, "-f", join(folder, name)], { env });
    lines.push(...output.trimEnd().split("\n"));
    // Namespaces are there now, and the pods that need these are not.
    if (name === clusterFolder) await createPrerequisites(cluster, files);
  }
  return lines;
}

/**
 * Makes what a rendering needs and does not bring. Secrets that are there stay; volumes whose claims are no
 * longer rendered go.
 */
async function createPrerequisites(cluster: Pick<Cluster, "kubectl">, files: RenderedFiles): Promise<void> {
  const { secrets, volumes } = prerequisites(files);
  const existing = async (...what: string[]) => {
    const list = await kubectl(cluster, ["get", ...what, "-o", "json"]);
    return (JSON.parse(list) as { items: ApiObject[] }).items;
  };
  const isIn = (objects: readonly ApiObject[], { metadata }: ApiObject) =>
    objects.some(
      (one) => one.metadata.name === metadata.name && one.metadata.namespace === metadata.namespace,
    );
  const stale = (await existing("persistentvolumes", "-l", `${ourVolumes.key}=${ourVolumes.value}`)).filter(
    (volume) => !isIn(volumes, volume),
  );
  for (const { metadata } of stale)
    await kubectl(cluster, ["delete", "persistentvolume", "--wait=false", metadata.name]);
  const there = await existing("secrets", "-A");
  const items = [...secrets.filter((secret) => !isIn(there, secret)), ...volumes];
  if (items.length === 0) return;
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await kubectl(cluster, ["apply", "--server-side", "--field-manager=prerequisites", "-f", "-"], { input });
}
