/** `npm run verify -- --stack prod`: asks Kubernetes and DeepFlow whether a stack works. */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { errorMessage } from "../components/error-message.ts";
import { wholeNumber } from "../local/cluster/terminal/command-line.ts";
import { onInterrupt } from "../local/cluster/terminal/interrupt.ts";
import { objectsOf } from "../render/objects.ts";
import { readStackConfig } from "../render/stack-config.ts";
import { stackIn } from "../render/stack.ts";
import { partAddresses, reachParts, type DeepFlowPart } from "./deepflow/addresses.ts";
import { forwardedSteps } from "./forwarded-steps.ts";
import { kubectlCluster, type KubectlOptions } from "./kubernetes/kubectl.ts";
import { isRight } from "./ladder.ts";
import { ladderReport } from "./report/terminal-report.ts";
import { showStep, writePage } from "./run.ts";
import { stackContext } from "./stack-context.ts";
import { verify } from "./verify.ts";

interface CommandOptions extends Partial<Record<DeepFlowPart, string>> {
  stack: string;
  kubeconfig?: string;
  context?: string;
  kubectl: string;
  deepflowNamespace: string;
  window: number;
  deadline: number;
  json: boolean;
  page?: string;
}

const repository = join(import.meta.dirname, "..");

const command = new Command("npm run verify --")
  .description(
    [
      "Asks Kubernetes and DeepFlow whether a stack works, step by step in the order in which things break,",
      "and says of each step what it saw, what that means and what to do. It reads, and changes nothing.",
      "DeepFlow's parts are reached by `kubectl port-forward` to the Services of its Helm chart, unless you say",
      "where they are.",
    ].join(" "),
  )
  .requiredOption("--stack <name>", "stack, whose Pulumi.<name>.yaml says what to expect")
  .option("--kubeconfig <file>", "kubeconfig (default: the stack's, else kubectl's)")
  .option("--context <name>", "context in it (default: the stack's, else the current one)")
  .option("--kubectl <program>", "kubectl to use", "kubectl")
  .option("--deepflow-namespace <name>", "namespace that DeepFlow runs in", "deepflow")
  .option("--querier <url>", "http://host:port of DeepFlow's querier", httpUrl)
  .option("--app <url>", "http://host:port of deepflow-app", httpUrl)
  .option("--controller <url>", "http://host:port of deepflow-server's API", httpUrl)
  .option("--agent <url>", "http://host:port of a deepflow-agent", httpUrl)
  .option("--window <seconds>", "how far back spans are looked at", wholeNumber("seconds", 1), 900)
  .option(
    "--deadline <seconds>",
    "how long steps that need time are asked again; 0 asks once",
    wholeNumber("seconds", 0),
    120,
  )
  .option("--json", "print the result as JSON, and nothing else on standard output", false)
  .option("--page <file>", "HTML page to write (default: .local/verify-<stack>.html)")
  .addHelpText(
    "after",
    "\nExit status: 0 where every step is right, 1 where one is not or nothing could be asked.",
  );

const options = command.parse().opts<CommandOptions>();

async function main(): Promise<boolean> {
  const stack = stackIn(repository, options.stack);
  const objects = await objectsOf(stack, options.stack);
  const { config, secretKeys } = readStackConfig(repository, options.stack);
  const interrupted = new AbortController();
  const kubectl: KubectlOptions = {
    ...stackContext(config, secretKeys),
    ...(options.kubeconfig !== undefined && { kubeconfig: resolve(options.kubeconfig) }),
    ...(options.context !== undefined && { context: options.context }),
    program: options.kubectl,
    signal: interrupted.signal,
  };
  const addresses = partAddresses(stack, options, options.deepflowNamespace);
  const { reach, close } = reachParts(addresses, kubectl);
  const release = onInterrupt((signal) => {
    interrupted.abort(new Error(`Ended by ${signal}.`));
  });
  try {
    const found = await verify({
      name: options.stack,
      stack,
      objects,
      kubernetes: kubectlCluster(kubectl),
      reach,
      windowSeconds: options.window,
      forwarded: forwardedSteps(addresses),
      deadline: Date.now() + options.deadline * 1000,
      show: options.json ? (_, work) => work(() => undefined) : showStep,
      signal: interrupted.signal,
    });
    const page = resolve(options.page ?? join(repository, ".local", `verify-${options.stack}.html`));
    const right = isRight(found.steps);
    const generatedAt = new Date();
    writePage(page, found, { stack: options.stack, generatedAt });
    if (options.json) {
      const result = { stack: options.stack, at: generatedAt, right, steps: found.steps, page };
      console.log(JSON.stringify(result, null, 2));
    } else {
      console.log(`\n${ladderReport(found.steps)}\n\nThe page: ${pathToFileURL(page).href}`);
    }
    return right;
  } finally {
    close();
    release();
  }
}

function httpUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw new InvalidArgumentError("Write it as http://host:port.");
  return text;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(errorMessage(error));
  process.exitCode = 1;
}
