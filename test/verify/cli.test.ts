import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fakeKubectl } from "./fake-kubectl.ts";

const program = join(import.meta.dirname, "..", "..", "verify", "cli.ts");

function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

function kubectl() {
  const fake = fakeKubectl({ error: "error: no pods" });
  onTestFinished(() => {
    rmSync(fake.folder, { recursive: true });
  });
  return fake;
}

test("The command ends with 1 where something failed; --json prints nothing else, and the page is written", async () => {
  const fake = kubectl();
  const page = join(fake.folder, "folder", "page.html");
  const options = ["--stack", "prod", "--kubectl", fake.program, "--deadline", "0", "--page", page];
  const { code, stdout } = await run(...options, "--json");
  expect(code).toBe(1);
  const result = JSON.parse(stdout) as { steps: { id: string; finding: { state: string; saw: string } }[] };
  expect(result).toMatchObject({ stack: "prod", right: false, page });
  expect(result.steps.map(({ id, finding }) => `${id} ${finding.state}`)).toEqual([
    "objects failed",
    "agentGroup skipped",
    "agents failed",
    "spans failed",
    "untagged notAsked",
    "collectorTagged notAsked",
    "trace notAsked",
  ]);
  expect(result.steps[3]?.finding.saw).toMatch(/failed: error: no pods\.$/);
  expect(existsSync(page)).toBe(true);
});

test("The command says what failed, what that means and what to do", async () => {
  const fake = kubectl();
  const page = join(fake.folder, "page.html");
  const { stdout } = await run(
    "--stack",
    "dev",
    "--kubectl",
    fake.program,
    "--deadline",
    "0",
    "--page",
    page,
  );
  expect(stdout).toMatch(
    /✗ 1\. Kubernetes objects: DaemonSet .* is not there.*\n {2}That means: .*\n {2}What to do: Run `pulumi up -s dev`/,
  );
  expect(stdout).toContain("? 7. One trace of all sources: Not asked: it has no answer while step 4 fails.");
  expect(stdout).toContain(`The page: file://${page}`);
});

test("The command verifies a stack that has its Collectors from a base", async () => {
  const fake = kubectl();
  const page = join(fake.folder, "page.html");
  const options = ["--stack", "demo", "--kubectl", fake.program, "--deadline", "0", "--page", page];
  const { stdout, stderr } = await run(...options, "--json");
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ stack: "demo", right: false });
});

test("What cannot be meant is said before anything is asked", async () => {
  expect((await run("--help")).stdout).toContain("--deadline <seconds>");
  expect(await run("--stack", "nowhere")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("There is no Pulumi.nowhere.yaml") as unknown,
  });
  expect((await run("--stack", "dev", "--querier", "node:20416")).stderr).toContain(
    "Write it as http://host:port.",
  );
  expect((await run("--stack", "dev", "--window", "0")).stderr).toContain("Write a whole number of seconds");
});
