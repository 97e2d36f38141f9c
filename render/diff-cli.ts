/** `npm run diff`: what stacks render at a git ref and now, or at two refs. */
import { styleText } from "node:util";
import { Command } from "commander";
import { stacksIn } from "../components/base/stack-files.ts";
import { errorMessage } from "../components/error-message.ts";
import { onInterrupt } from "../local/cluster/terminal/interrupt.ts";
import { markdownText, terminalText } from "./diff-text.ts";
import { diffFiles, type ObjectChange } from "./diff.ts";
import { GitRefs, type Source } from "./git-ref.ts";

interface Options {
  readonly stack: readonly string[];
  readonly all?: true;
  readonly markdown?: true;
  readonly exitCode?: true;
}

const command = new Command("npm run diff --")
  .description(
    "Shows by object and field what a stack renders at a git ref and now: no engine, no cluster. Each ref is rendered by its own code.",
  )
  .argument("<base>", "git ref to compare with, such as origin/main")
  .argument("[head]", "git ref to compare; the working tree if left out")
  .option(
    "--stack <name>",
    "stack to compare; can be given several times",
    (name: string, names: readonly string[]) => [...names, name],
    [],
  )
  .option("--all", "compare every stack that either side has")
  .option("--markdown", "write Markdown that fits in a GitHub comment")
  .option("--exit-code", "exit with 1 if anything differs")
  .addHelpText("after", "\nExit status: 0; 1 with --exit-code if anything differs; 2 on an error.")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

// npm starts its scripts in the project's folder.
const root = process.cwd();
const interrupted = new AbortController();
const release = onInterrupt(() => {
  interrupted.abort(new Error("Interrupted."));
});
const refs = await GitRefs.open(root, interrupted.signal);
try {
  const options = command.opts<Options>();
  const changes = await compare(options, command.args);
  const terminal = () =>
    [...changes].map(([stack, list]) => terminalText(stack, list, styleText)).join("\n\n");
  console.log(options.markdown ? markdownText(changes) : terminal());
  const differs = [...changes.values()].some((list) => list.length > 0);
  process.exitCode = options.exitCode && differs ? 1 : 0;
} catch (error) {
  console.error(errorMessage(interrupted.signal.aborted ? interrupted.signal.reason : error));
  process.exitCode = 2;
} finally {
  await refs.close();
  release();
}

async function compare(
  { stack, all }: Options,
  [base = "", head]: readonly string[],
): Promise<Map<string, ObjectChange[]>> {
  if (!all && stack.length === 0) throw new Error("No stack is named: add --stack <name>, or --all.");
  const before = await refs.checkout(base);
  const after: Source =
    head === undefined ? { folder: root, name: "the working tree" } : await refs.checkout(head);
  const known = new Set([...stacksIn(before.folder), ...stacksIn(after.folder)]);
  const stacks = [...new Set(all ? known : stack)].sort();
  const unknown = stacks.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new Error(
      `Neither ${before.name} nor ${after.name} has a Pulumi.${unknown}.yaml; there are ${[...known].sort().join(", ") || "none"}.`,
    );
  const changes = new Map<string, ObjectChange[]>();
  for (const name of stacks)
    changes.set(name, diffFiles(await refs.render(before, name), await refs.render(after, name)));
  return changes;
}
