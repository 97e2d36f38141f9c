import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Cluster } from "../../../local/cluster/cluster.ts";
import { kubectl } from "../../../local/cluster/kubectl.ts";
import { buildOnce } from "../../../local/cluster/toolchain/build-once.ts";
import { go } from "../../../local/cluster/toolchain/go.ts";
import { toolchain } from "../../../local/cluster/toolchain/toolchain.ts";
import { sourceHash } from "../../source-hash.ts";

const moduleName = "github.com/prometheus-operator/prometheus-operator";
const kinds = ["podmonitors", "prometheusrules"];
const downloadMilliseconds = 100_000;

/** Gives a cluster the Prometheus Operator's own definitions of PodMonitor and PrometheusRule. */
export async function applyPrometheusOperatorCrds(cluster: Cluster): Promise<void> {
  const folder = await crds();
  // A client-side apply would not fit into the annotation that it keeps.
  await kubectl(cluster, ["apply", "--server-side", "-f", folder]);
  await kubectl(cluster, ["wait", "--for=condition=Established", "--timeout=30s", "-f", folder]);
}

async function crds(): Promise<string> {
  const hash = sourceHash(import.meta.dirname, ["go.mod", "go.sum"]);
  const folder = join(toolchain().dir, `prometheus-operator-${hash}`);
  await buildOnce(folder, async (temporary) => {
    const run = { cwd: import.meta.dirname, signal: AbortSignal.timeout(downloadMilliseconds) };
    const downloaded: unknown = JSON.parse(await go(["mod", "download", "-json", moduleName], run));
    const { Dir: sources } = z.object({ Dir: z.string() }).parse(downloaded);
    for (const kind of kinds) {
      const file = `monitoring.coreos.com_${kind}.yaml`;
      await copyFile(join(sources, "example", "prometheus-operator-crd", file), join(temporary, file));
    }
  });
  return folder;
}
