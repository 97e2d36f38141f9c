import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";

/** Where and how a `go` command runs. */
export interface GoRun {
  /** The folder of the go.mod that it works with. */
  cwd: string;
  /** Ends the command, and every compiler that it started. */
  signal: AbortSignal;
  /** Called for each line on stderr, which is where Go tells of its progress. */
  onLine?: (line: string) => void;
}

/** What Go calls this machine's processor. */
const goArch = process.arch === "x64" ? "amd64" : process.arch;

/**
 * The environment of every Go command: static binaries for this machine, whatever the shell around it builds
 * for.
 */
export const goEnvironment = { CGO_ENABLED: "0", GOOS: "linux", GOARCH: goArch, GOWORK: "off" };

/**
 * What keeps compilers from collecting garbage, which is a tenth of the time of a build, as long as all of
 * them together (one for each core) take no more than half of the memory that is available. GOGC and
 * GOMEMLIMIT of the shell win.
 *
 * See https://pkg.go.dev/runtime#hdr-Environment_Variables.
 */
function garbageCollection(availableBytes: number, cores: number): Record<string, string> {
  return { GOGC: "off", GOMEMLIMIT: `${String(Math.floor(availableBytes / 2 / cores / 2 ** 20))}MiB` };
}

/**
 * Runs `go` (or another program that calls it) and returns its stdout; throws a sentence with the end of its
 * stderr.
 */
export async function go(args: readonly string[], run: GoRun, program = "go"): Promise<string> {
  run.signal.throwIfAborted();
  const child = spawn(program, args, {
    cwd: run.cwd,
    env: {
      ...garbageCollection(process.availableMemory(), availableParallelism()),
      ...process.env,
      ...goEnvironment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group, so that the compilers it starts end with it.
    detached: true,
  });
  const kill = () => {
    if (child.pid !== undefined) killGroup(child.pid);
  };
  run.signal.addEventListener("abort", kill, { once: true });

  let stdout = "";
  const tail: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  createInterface({ input: child.stderr }).on("line", (line) => {
    tail.push(line);
    if (tail.length > 20) tail.shift();
    run.onLine?.(line);
  });
  try {
    const [code] = (await once(child, "close")) as [number | null];
    run.signal.throwIfAborted();
    if (code !== 0) {
      throw new Error(
        `\`${program} ${args.join(" ")}\` failed in ${run.cwd} with exit status ${String(code)}. It said last:\n${tail.join("\n")}`,
      );
    }
    return stdout;
  } finally {
    run.signal.removeEventListener("abort", kill);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}
