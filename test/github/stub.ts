import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const scripts = join(import.meta.dirname, "..", "..", ".github", "scripts");

/** One call that a script must make: with these arguments, in this order. */
export interface Call {
  readonly program: "gh" | "npm" | "pulumi";
  readonly args: readonly string[];
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status?: number;
}

export interface ScriptRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What each call got on its standard input, or in the file that `--field body=@file` names. */
  readonly bodies: readonly string[];
  /** Content of the files that GitHub reads afterwards. */
  readonly output: string;
  readonly summary: string;
  readonly environment: string;
  readonly path: string;
  readonly folder: string;
}

/** Takes the next expected call, and refuses any other. A temporary file's name is not compared. */
const stub = `
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
const folder = dirname(dirname(process.argv[1]));
const state = JSON.parse(readFileSync(join(folder, "calls.json"), "utf8"));
const call = state.expected[state.bodies.length];
const args = process.argv.slice(2);
const file = args.find((arg) => arg.startsWith("body=@"))?.slice(6);
const compared = args.map((arg) => (arg.startsWith("body=@") ? "body=@file" : arg));
const program = basename(process.argv[1], ".mjs");
if (call === undefined || call.program !== program || JSON.stringify(call.args) !== JSON.stringify(compared)) {
  state.refused = [program, ...compared].join(" ");
  writeFileSync(join(folder, "calls.json"), JSON.stringify(state));
  process.exit(97);
}
state.bodies.push(file ? readFileSync(file, "utf8") : args.includes("-") ? readFileSync(0, "utf8") : "");
writeFileSync(join(folder, "calls.json"), JSON.stringify(state));
process.stdout.write(call.stdout ?? "");
process.stderr.write(call.stderr ?? "");
process.exitCode = call.status ?? 0;
`;

/**
 * Runs a script of .github/scripts with programs in place of gh, npm and pulumi that know these calls alone.
 *
 * @throws Error if it makes another call, or not all of them.
 */
export function runScript(
  name: string,
  expected: readonly Call[],
  options: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): ScriptRun {
  const folder = mkdtempSync(join(tmpdir(), "workflow-script-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "temporary"));
  for (const program of ["gh", "npm", "pulumi"]) {
    writeFileSync(join(folder, "bin", `${program}.mjs`), stub);
    const start = `#!/bin/sh\nexec "${process.execPath}" "${join(folder, "bin", program)}.mjs" "$@"\n`;
    writeFileSync(join(folder, "bin", program), start, { mode: 0o755 });
  }
  writeFileSync(join(folder, "calls.json"), JSON.stringify({ expected, bodies: [] }));
  const files = ["output", "summary", "environment", "path"] as const;
  for (const file of files) writeFileSync(join(folder, file), "");
  const { status, stdout, stderr } = spawnSync(join(scripts, name), options.args ?? [], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: `${join(folder, "bin")}:/usr/local/bin:/usr/bin:/bin`,
      TMPDIR: join(folder, "temporary"),
      RUNNER_TEMP: folder,
      GITHUB_OUTPUT: join(folder, "output"),
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
      GITHUB_ENV: join(folder, "environment"),
      GITHUB_PATH: join(folder, "path"),
      GITHUB_REPOSITORY: "owner/name",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_RUN_ID: "7",
      ...options.env,
    },
  });
  const state = JSON.parse(readFileSync(join(folder, "calls.json"), "utf8")) as {
    bodies: string[];
    refused?: string;
  };
  if (state.refused !== undefined) throw new Error(`${name} called: ${state.refused}`);
  if (state.bodies.length < expected.length)
    throw new Error(`${name} made ${state.bodies.length} of ${expected.length} calls.\n${stderr}`);
  const [output = "", summary = "", environment = "", path = ""] = files.map((file) =>
    readFileSync(join(folder, file), "utf8"),
  );
  return { status, stdout, stderr, bodies: state.bodies, output, summary, environment, path, folder };
}
