import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

const project = join(import.meta.dirname, "..", "..");
const cli = join(project, "render", "diff-cli.ts");

/** A repository whose renderer says which ref it is of, in the value `renderer`. */
let folder: string;
let repository: string;

/** Stands for the project's renderer: what a stack's file holds is what it renders. */
function renderer(version: number): string {
  return `
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
const [, , , stack, , out] = process.argv;
if (stack === "slow") { writeFileSync(process.env.STARTED, String(process.pid)); await new Promise((end) => setTimeout(end, 60_000)); }
if (stack === "broken") { console.error("Setting x is not known."); process.exit(1); }
mkdirSync(out + "/n");
const object = { kind: "Service", metadata: { name: "a", namespace: "n" }, renderer: ${version}, stack };
writeFileSync(out + "/n/service-a.yaml", JSON.stringify(object));
`;
}

function git(...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: repository, encoding: "utf8" });
}

function write(path: string, text: string): void {
  writeFileSync(join(repository, path), text);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "diff-cli-test-"));
  repository = join(folder, "repository");
  mkdirSync(join(repository, "render"), { recursive: true });
  mkdirSync(join(folder, "temporary"));
  git("init", "--quiet", "--initial-branch=main");
  write(".gitignore", "node_modules\n");
  git("add", "--all");
  git("commit", "--quiet", "--message=nothing to render");
  git("tag", "empty");
  write("package.json", JSON.stringify({ type: "module", scripts: { render: "node render/cli.ts" } }));
  write("package-lock.json", "{}");
  write("render/cli.ts", renderer(1));
  for (const stack of ["dev", "slow", "broken", "old"]) write(`Pulumi.${stack}.yaml`, "");
  git("add", "--all");
  git("commit", "--quiet", "--message=first");
  git("tag", "first");
  write("render/cli.ts", renderer(2));
  git("rm", "--quiet", "Pulumi.old.yaml");
  git("commit", "--quiet", "--all", "--message=second");
  symlinkSync(join(project, "node_modules"), join(repository, "node_modules"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function environment() {
  return { ...process.env, TMPDIR: join(folder, "temporary"), STARTED: join(folder, "started") };
}

function diff(...args: string[]) {
  const options = { cwd: repository, encoding: "utf8", env: environment() } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], options);
  expectNothingLeft();
  return { status, stdout, stderr };
}

function expectNothingLeft(): void {
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
  const left = readdirSync(join(folder, "temporary")).filter((name) => name.startsWith("deepflow-otel"));
  expect(left).toEqual([]);
}

test("each ref is rendered by its own code", () => {
  const { status, stdout } = diff("--stack", "dev", "--exit-code", "first");
  expect(stdout).toContain("Service n/a (changed)\n  renderer:\n-   1\n+   2\n");
  expect(status).toBe(1);
});

test("two refs are compared, and the working tree is left alone", () => {
  write("render/cli.ts", renderer(3));
  onTestFinished(() => {
    git("checkout", "--quiet", "render/cli.ts");
  });
  expect(diff("--stack", "dev", "first", "HEAD").stdout).toContain("+   2\n");
  expect(git("status", "--short")).toBe(" M render/cli.ts\n");
});

test("what does not differ is no change", () => {
  const same = diff("--stack", "dev", "--exit-code", "HEAD");
  expect([same.status, same.stdout]).toEqual([0, "Stack dev: nothing differs.\n"]);
});

test("a stack that one side lacks is all added or removed", () => {
  expect(diff("--stack", "old", "--markdown", "first").stdout).toMatch(
    /Stack old: 0 added, 0 changed, 1 removed[^]+\n- renderer: 1\n/,
  );
  expect(diff("--stack", "old", "HEAD", "first").stdout).toMatch(/1 added[^]+\n\+ renderer: 1\n/);
});

test.each([
  { args: ["first"], sentence: "No stack is named: add --stack <name>, or --all." },
  { args: ["--stack", "dev", "nowhere"], sentence: "Git has no commit nowhere here" },
  { args: ["--stack", "dev", "empty"], sentence: "empty has no render/cli.ts" },
  {
    args: ["--stack", "none", "first"],
    sentence: "has a Pulumi.none.yaml; there are broken, dev, old, slow.",
  },
  { args: ["--all", "first"], sentence: "Rendering broken of first failed: Setting x is not known." },
  { args: ["--unknown", "first"], sentence: "unknown option '--unknown'" },
  { args: [], sentence: "missing required argument 'base'" },
])("an error is its sentence, and exit status 2: $sentence", ({ args, sentence }) => {
  const { status, stdout, stderr } = diff(...args, "--exit-code");
  expect(stderr).toContain(sentence);
  expect([status, stdout]).toEqual([2, ""]);
});

test("Ctrl-C leaves no worktree, and nothing that runs", async () => {
  const started = join(folder, "started");
  const child = spawn(process.execPath, [cli, "--stack", "slow", "first"], {
    cwd: repository,
    env: environment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stderr = child.stderr.toArray();
  const closed = new Promise((resolve) =>
    child.on("close", (code, signal) => {
      resolve(signal ?? code);
    }),
  );
  await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true);
  child.kill("SIGINT");
  expect(await closed).toBe("SIGINT");
  expect(Buffer.concat((await stderr) as Buffer[]).toString()).toContain("Interrupted.");
  // Gone, or ended (Z) and not yet asked for how.
  const rendering = ["-o", "stat=", "-p", readFileSync(started, "utf8")];
  expect(spawnSync("ps", rendering, { encoding: "utf8" }).stdout.trim()).toMatch(/^(Z.*)?$/);
  expectNothingLeft();
});
