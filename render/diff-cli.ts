import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { Command } from "commander";
import { errorMessage } from "../components/error-message.ts";
import { diffFiles, type ObjectChange } from "./diff.ts";
import { markdownText, terminalText } from "./diff-text.ts";
import type { RenderedFiles } from "./files.ts";

const root = join(import.meta.dirname, "..");

const command = new Command("npm run diff --")
  .description("Shows by object and field what a stack renders at a git ref and now.")
  .argument("<base>", "git ref to compare with, such as origin/main")
  .argument("[head]", "git ref to compare; the working tree if left out")
  .option(
    "--stack <name>",
    "stack to compare; may be given several times",
    (name: string, names: string[] = []) => [...names, name],
  )
  .option("--all", "compare every stack that either side has")
  .option("--markdown", "write Markdown that fits in a GitHub comment")
  .option("--exit-code", "exit 1 if anything differs")
  .addHelpText("after", "\nExit status: 0; 1 with --exit-code if anything differs; 2 on an error.")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const options = command.opts<{ stack?: string[]; all?: true; markdown?: true; exitCode?: true }>();
const [base = "", head] = command.args;

const temporary = mkdtempSync(join(tmpdir(), "deepflow-otel-diff-"));
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());

try {
  if (!options.all && !options.stack) throw new Error("Say which stack: --stack <name>, or --all.");
  const before = await checkout(base, "base");
  const after = head === undefined ? root : await checkout(head, "head");
  const stacks = options.all
    ? [...new Set([...stacksIn(before), ...stacksIn(after)])]
    : (options.stack ?? []);
  const changes = new Map<string, ObjectChange[]>();
  for (const stack of stacks.sort()) {
    if (![before, after].some((folder) => stacksIn(folder).includes(stack)))
      throw new Error(`Neither side has a Pulumi.${stack}.yaml; choose a stack that one of them has.`);
    changes.set(stack, diffFiles(await rendered(before, stack, base), await rendered(after, stack, head)));
  }
  console.log(
    options.markdown
      ? markdownText(changes)
      : [...changes].map(([stack, list]) => terminalText(stack, list, styleText)).join("\n\n"),
  );
  if (options.exitCode && [...changes.values()].some((list) => list.length > 0)) process.exitCode = 1;
} catch (error) {
  console.error(interrupted.signal.aborted ? "Interrupted." : errorMessage(error));
  process.exitCode = 2;
} finally {
  for (const side of ["base", "head"].filter((side) => existsSync(join(temporary, side)))) {
    // The link goes first, so that nothing can follow it into the project's own dependencies.
    rmSync(join(temporary, side, "node_modules"), { recursive: true, force: true });
    git("worktree", "remove", "--force", join(temporary, side));
  }
  rmSync(temporary, { recursive: true, force: true });
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A ref's own files and dependencies: it is rendered by its own code. */
async function checkout(ref: string, side: string): Promise<string> {
  const folder = join(temporary, side);
  try {
    const commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`).trim();
    git("worktree", "add", "--detach", folder, commit);
  } catch (error) {
    throw new Error(`Git has no commit ${ref}; fetch it, or name another ref.`, { cause: error });
  }
  const lock = (folder: string) => readFileSync(join(folder, "package-lock.json"), "utf8");
  if (!existsSync(join(folder, "render", "cli.ts")))
    throw new Error(`${ref} has no renderer (render/cli.ts); compare with a later commit.`);
  if (lock(folder) === lock(root)) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  else {
    console.error(`Installing the dependencies of ${ref}, which are others …`);
    await npm(folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], `npm ci of ${ref}`);
  }
  return folder;
}

function stacksIn(folder: string): string[] {
  return readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

async function rendered(folder: string, stack: string, ref = "the working tree"): Promise<RenderedFiles> {
  if (!stacksIn(folder).includes(stack)) return new Map();
  const out = mkdtempSync(join(temporary, "out-"));
  console.error(`Rendering ${stack} of ${ref} …`);
  await npm(
    folder,
    ["run", "--silent", "render", "--", "--stack", stack, "--out", out],
    `${stack} of ${ref}`,
  );
  const files = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".yaml"),
  );
  return new Map(files.map((path) => [path, readFileSync(join(out, path), "utf8")]));
}

function npm(cwd: string, args: readonly string[], what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", args, {
      cwd,
      signal: interrupted.signal,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${what} failed: ${errors.trim() || `exit status ${code}`}`));
    });
  });
}
