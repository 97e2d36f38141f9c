import { join, resolve } from "node:path";
import { Command } from "commander";
import { errorMessage } from "../components/error-message.ts";
import { renderStack } from "./stack.ts";
import { writeFiles } from "./write.ts";

const { stack, out } = new Command("npm run render --")
  .description("Writes the Kubernetes objects of a stack as files: no engine, no cluster, no network.")
  .requiredOption("--stack <name>", "stack whose Pulumi.<name>.yaml is rendered")
  .requiredOption("--out <folder>", "folder to write to: a new or empty one, or an earlier rendering")
  .parse()
  .opts<{ stack: string; out: string }>();

try {
  const files = await renderStack(join(import.meta.dirname, ".."), stack);
  writeFiles(resolve(out), files);
  for (const path of files.keys()) console.log(join(out, path));
  console.log(`\n${files.size} files; ${join(out, "README.md")} says how to apply them.`);
} catch (error) {
  console.error(errorMessage(error));
  process.exitCode = 1;
}
