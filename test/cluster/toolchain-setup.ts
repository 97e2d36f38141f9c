import { missingRequirement } from "../../local/cluster/control-plane/requirements.ts";
import {
  ensureActionlint,
  ensureKubeScore,
  ensureToolchain,
  missingActionlint,
  missingKubeScore,
} from "../../local/cluster/toolchain/toolchain.ts";

/** Builds what the cluster tests run before any of them starts, where its progress can be seen. */
export default async function setup(): Promise<void> {
  if (missingKubeScore() === undefined) await ensureKubeScore();
  if (missingActionlint() === undefined) await ensureActionlint();
  const missing = missingRequirement();
  if (missing === undefined) await ensureToolchain();
  else console.warn(`Tests that need the embedded cluster cannot run here. ${missing}`);
}
