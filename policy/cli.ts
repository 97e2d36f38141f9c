/** `npm run policy`: judges what stacks render. */
import { join } from "node:path";
import { program } from "commander";
import { stacksIn } from "../components/base/stack-files.ts";
import { runCommandLine } from "../local/cluster/terminal/command-line.ts";
import { ensureKubeScore } from "../local/cluster/toolchain/toolchain.ts";
import { judged } from "./acceptance.ts";
import { accepted } from "./accepted.ts";
import { findingsIn, renderingOf } from "./check.ts";
import { reportText, type StackReport } from "./report.ts";

interface Options {
  readonly stack: readonly string[];
  readonly json?: true;
}

const repository = join(import.meta.dirname, "..");

async function check({ stack: named, json }: Options): Promise<void> {
  const stacks = named.length > 0 ? [...new Set(named)] : stacksIn(repository);
  if (stacks.length === 0)
    throw new Error("There is no Pulumi.<stack>.yaml here; create one, or name a stack with --stack.");
  // Before kube-score is compiled: a stack that is not there must not wait for it.
  const renderings: [string, Awaited<ReturnType<typeof renderingOf>>][] = [];
  for (const stack of stacks) renderings.push([stack, await renderingOf(repository, stack)]);

  const kubeScore = await ensureKubeScore();
  const reports: StackReport[] = [];
  for (const [stack, rendering] of renderings) {
    const findings = judged(await findingsIn(rendering, kubeScore), accepted);
    reports.push({ stack, objects: rendering.objects.length, ...findings });
  }
  console.log(
    json ? JSON.stringify(reports, undefined, 2) : reportText(reports, process.stdout.columns || undefined),
  );
  if (reports.some(({ open }) => open.length > 0)) process.exitCode = 1;
}

program
  .name("npm run policy --")
  .description(
    "Judges the Kubernetes objects of stacks by kube-score and the project's own rules: no engine, no cluster. The first run compiles kube-score, for about a minute.",
  )
  .option(
    "--stack <name>",
    "stack whose Pulumi.<name>.yaml is judged; can be given several times (default: all there are)",
    (name: string, names: readonly string[]) => [...names, name],
    [],
  )
  .option("--json", "print findings, accepted ones included, as JSON")
  .addHelpText("after", "\nExit status: 0, or 1 for findings that are not accepted and for errors.")
  .action(check);
await runCommandLine(() => program.parseAsync());
