import { resolve } from "node:path";
import { Command } from "commander";
import { parseSettings } from "../settings.ts";
import { renderFiles } from "./files.ts";
import { kubernetesObjects, registrations } from "./objects.ts";
import { readStackConfig } from "./stack-config.ts";
import { writeFiles } from "./write.ts";

const { stack, out } = new Command("npm run render --")
  .description("Writes the Kubernetes objects of a stack as files: no engine, no cluster, no network.")
  .requiredOption("--stack <name>", "stack whose Pulumi.<name>.yaml is rendered")
  .requiredOption("--out <folder>", "folder to write to: a new or empty one, or an earlier rendering")
  .parse()
  .opts<{ stack: string; out: string }>();

try {
  const { config, secretKeys } = readStackConfig(import.meta.dirname + "/..", stack);
  const objects = kubernetesObjects(await registrations(parseSettings(config, secretKeys), stack));
  const files = renderFiles(objects, stack);
  const folder = resolve(out);
  writeFiles(folder, files);
  console.log([...files.keys()].map((path) => `${out}/${path}`).join("\n"));
  console.log(`\n${objects.length} objects; ${out}/README.md says how to apply them.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
