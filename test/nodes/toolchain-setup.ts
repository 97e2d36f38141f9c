import { defaultVersion } from "../../components/otel-agent/collector-version.ts";
import { ensureNodePrograms, ensureToolchain } from "../../local/cluster/toolchain/toolchain.ts";
import { missingNodeRequirement } from "../../local/nodes/requirements.ts";

/** Builds what the tests on real nodes run, or says why they cannot run here. */
export default async function setup(): Promise<void> {
  const missing = missingNodeRequirement();
  if (missing === undefined) {
    await ensureToolchain({ collectorVersions: [defaultVersion] });
    await ensureNodePrograms();
  } else console.warn(`Tests on real nodes cannot run here. ${missing}`);
}
