import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stacksIn } from "../components/base/stack-files.ts";
import type { RenderedFiles } from "./files.ts";

/** What is rendered: a folder with the files and dependencies of a commit, or of the working tree. */
export interface Source {
  readonly folder: string;
  /** What a person calls it. */
  readonly name: string;
}

/** Git refs of one repository, each in a temporary worktree until `close`. */
export class GitRefs {
  readonly #root: string;
  readonly #temporary: string;
  readonly #signal: AbortSignal;
  /** Where the project is in its repository. */
  #prefix = "";
  readonly #worktrees: string[] = [];

  private constructor(root: string, temporary: string, signal: AbortSignal) {
    this.#root = root;
    this.#temporary = temporary;
    this.#signal = signal;
  }

  /** @param root the repository's folder, with the dependencies of its working tree. */
  static async open(root: string, signal: AbortSignal): Promise<GitRefs> {
    return new GitRefs(root, await mkdtemp(join(tmpdir(), "deepflow-otel-diff-")), signal);
  }

  /**
   * A ref's own files and dependencies, so that it is rendered by its own code. They are the working tree's
   * where the lock files are the same, else installed without install scripts, which takes a while.
   *
   * @throws Error, a sentence, if there is no such ref, it renders nothing yet, or npm fails.
   */
  async checkout(ref: string): Promise<Source> {
    this.#prefix = (await this.#git("rev-parse", "--show-prefix")).trim();
    const commit = await this.#commit(ref);
    const worktree = join(this.#temporary, `ref-${this.#worktrees.length}`);
    this.#worktrees.push(worktree);
    await this.#git("worktree", "add", "--detach", worktree, commit);
    const folder = join(worktree, this.#prefix);
    if (!existsSync(join(folder, "render", "cli.ts")))
      throw new Error(`${ref} has no render/cli.ts; compare with a later commit, which renders files.`);
    if (lockOf(folder) === lockOf(this.#root))
      await symlink(join(this.#root, "node_modules"), join(folder, "node_modules"));
    else {
      console.error(`Installing the dependencies of ${ref}, which are not those of the working tree …`);
      await this.#npm(folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], `npm ci of ${ref}`);
    }
    return { folder, name: ref };
  }

  /** What `npm run render` of a source writes; nothing if it has no such stack. */
  async render({ folder, name }: Source, stack: string): Promise<RenderedFiles> {
    if (!stacksIn(folder).includes(stack)) return new Map();
    console.error(`Rendering ${stack} of ${name} …`);
    const out = await mkdtemp(join(this.#temporary, "rendered-"));
    const args = ["run", "--silent", "render", "--", "--stack", stack, "--out", out];
    await this.#npm(folder, args, `Rendering ${stack} of ${name}`);
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return new Map(
      files
        .map(({ parentPath, name }) => join(parentPath, name))
        .map((path) => [path.slice(out.length + 1), readFileSync(path, "utf8")]),
    );
  }

  /** Removes the worktrees, whatever state they are in. */
  async close(): Promise<void> {
    for (const folder of this.#worktrees) {
      // The link goes first, so that nothing can follow it into the working tree's own dependencies.
      await rm(join(folder, this.#prefix, "node_modules"), { recursive: true, force: true });
      // Twice, for one that is locked because it was still being made. It fails where none was made at all.
      await runGit(this.#root, ["worktree", "remove", "--force", "--force", folder]).catch(() => undefined);
    }
    await rm(this.#temporary, { recursive: true, force: true });
  }

  async #commit(ref: string): Promise<string> {
    try {
      return (
        await this.#git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`)
      ).trim();
    } catch (error) {
      throw new Error(`Git has no commit ${ref} here; fetch it, or name another ref.`, { cause: error });
    }
  }

  #git(...args: string[]): Promise<string> {
    this.#signal.throwIfAborted();
    return runGit(this.#root, args);
  }

  #npm(cwd: string, args: readonly string[], what: string): Promise<void> {
    this.#signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      // A process group of its own, to be ended with all that npm starts.
      const child = spawn("npm", args, { cwd, detached: true, stdio: ["ignore", "ignore", "pipe"] });
      const end = () => {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      };
      this.#signal.addEventListener("abort", end);
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      child.on("error", reject);
      // Not before all of it has ended: it may still write to the folder that is about to be removed.
      child.on("close", (code) => {
        this.#signal.removeEventListener("abort", end);
        if (code === 0) resolve();
        else reject(new Error(`${what} failed: ${said.trim() || `exit status ${code}`}`));
      });
    });
  }
}

function lockOf(folder: string): string {
  return readFileSync(join(folder, "package-lock.json"), "utf8");
}

async function runGit(cwd: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)("git", args, { cwd })).stdout;
}
