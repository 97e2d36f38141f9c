import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProgramSpec } from "../../components/agent-group-config/messages.ts";
import { startController, type Controller } from "../../local/deepflow/controller.ts";
import { installDeepflowCtl } from "../../local/deepflow/deepflow-ctl.ts";

const start = "# ours\nglobal:\n  limits:\n    max_millicpus: 500\n";
const set =
  "# ours\ninputs:\n  integration:\n    enabled: true\nglobal:\n  limits:\n    max_millicpus: 500\n";

const bin = mkdtempSync(join(tmpdir(), "deepflow-ctl-"));
installDeepflowCtl(bin, { generation: "new" });
afterAll(() => {
  rmSync(bin, { recursive: true });
});

let controller: Controller;
beforeEach(async () => {
  controller = await startController({ groups: [{ name: "default", config: start }] });
});
afterEach(async () => {
  await controller.stop();
});

function spec(changes: Partial<ProgramSpec> = {}): string {
  const { host, port } = controller;
  const controllerSpec = { host, port, timeoutSeconds: 5 };
  return JSON.stringify({
    ...{
      group: { name: "default" },
      controller: controllerSpec,
      transport: "http",
      deepflowCtl: "deepflow-ctl",
    },
    ...{ integration: { enabled: true }, ...changes },
  });
}

/**
 * Runs the program as the Command provider does: what it is told is in the environment, and so is what it
 * printed last.
 */
function run(
  verb: string,
  env: Record<string, string>,
  command = ["node", "components/agent-group-config/program.ts"],
) {
  const [program = "", ...args] = command;
  const child = spawn(program, [...args, verb], {
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`, ...env },
    stdio: "pipe",
  });
  child.stdin.end();
  const result = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
    ([stdout, stderr, [code]]) => ({
      stdout: stdout.trim(),
      stderr: stderr.trim(),
      code: code as number | null,
    }),
  );
  return { child, result };
}

async function succeed(verb: string, env: Record<string, string>): Promise<string> {
  const { stdout, stderr, code } = await run(verb, env).result;
  expect(code, stderr).toBe(0);
  return stdout;
}

describe("the Commands as the engine runs them", () => {
  test("create, an up that changes nothing, a changed value, drift, destroy", async () => {
    const before = await succeed("before", { AGENT_GROUP_CONFIG: spec() });
    const env = { AGENT_GROUP_CONFIG: spec(), AGENT_GROUP_BEFORE: before };
    const applied = await succeed("apply", env);
    expect(controller.stored("default")).toBe(set);

    // A changed value runs update, with what the command printed last.
    const off = { ...env, AGENT_GROUP_CONFIG: spec({ integration: { enabled: false } }) };
    const changed = await succeed("apply", { ...off, PULUMI_COMMAND_STDOUT: applied });
    expect(controller.stored("default")).toBe(set.replace("true", "false"));

    // Somebody changes it; a preview says so and writes nothing, an up puts it back.
    controller.setStored("default", set);
    const seen = await run("preview", off).result;
    expect(seen.stderr).toContain(
      "inputs.integration.enabled in agent group default (true → false) would change, which restarts the agents",
    );
    expect(controller.stored("default")).toBe(set);
    await succeed("reconcile", off);
    expect(controller.stored("default")).toBe(set.replace("true", "false"));
    const quiet = await run("reconcile", off).result;
    expect(quiet).toMatchObject({ stdout: '{"changes":[]}', stderr: "", code: 0 });

    await succeed("restore", { ...off, PULUMI_COMMAND_STDOUT: changed });
    expect(controller.stored("default")).toBe(start);
  });

  test("through npm and the tool on PATH, with the constant text that states hold", async () => {
    const npm = ["npm", "run", "--silent", "agent-group-config", "--"];
    const env = { AGENT_GROUP_CONFIG: spec({ transport: "deepflow-ctl" }) };
    const before = await run("before", env, npm).result;
    expect(before.code, before.stderr).toBe(0);
    const applied = await run("apply", { ...env, AGENT_GROUP_BEFORE: before.stdout }, npm).result;
    expect(applied.code, applied.stderr).toBe(0);
    expect(controller.stored("default")).toBe(set);
  }, 30_000);

  test("nothing of the group's configuration but the managed values reaches the state or the log", async () => {
    const before = await run("before", { AGENT_GROUP_CONFIG: spec() }).result;
    const applied = await run("apply", { AGENT_GROUP_CONFIG: spec(), AGENT_GROUP_BEFORE: before.stdout })
      .result;
    for (const { stdout, stderr } of [before, applied]) {
      expect(stdout + stderr).not.toMatch(/max_millicpus|ours/);
      expect((stdout + stderr).length).toBeLessThan(600);
    }
  });

  test("a preview that cannot reach the controller works, and says what it could not see", async () => {
    const told = spec();
    await controller.stop();
    const { stdout, stderr, code } = await run("preview", { AGENT_GROUP_CONFIG: told }).result;
    expect({ stdout, code }).toEqual({ stdout: '{"changes":null}', code: 0 });
    expect(stderr).toContain("What would change in the agent group could not be looked up.");
  });

  test("a destroy that cannot reach it fails, and says why", async () => {
    const before = await succeed("before", { AGENT_GROUP_CONFIG: spec() });
    const env = { AGENT_GROUP_CONFIG: spec(), AGENT_GROUP_BEFORE: before };
    const applied = await succeed("apply", env);
    await controller.stop();
    const { stderr, code } = await run("restore", { ...env, PULUMI_COMMAND_STDOUT: applied }).result;
    expect(code).toBe(1);
    expect(stderr).toMatch(/GET http:.* failed: /);
  });

  test("a destroy while DeepFlow's database is away fails, and the next one puts everything back", async () => {
    const before = await succeed("before", { AGENT_GROUP_CONFIG: spec() });
    const env = { AGENT_GROUP_CONFIG: spec(), AGENT_GROUP_BEFORE: before };
    const back = { ...env, PULUMI_COMMAND_STDOUT: await succeed("apply", env) };
    controller.faults.push({ fault: { type: "databaseAway" }, times: Infinity });
    const { stderr, code } = await run("restore", back).result;
    expect(code).toBe(1);
    expect(stderr).toContain("the server's database may be away");
    controller.faults.length = 0;
    await succeed("restore", back);
    expect(controller.stored("default")).toBe(start);
  });

  test("a missing tool is a sentence that says how to get it", async () => {
    const env = { AGENT_GROUP_CONFIG: spec({ transport: "deepflow-ctl", deepflowCtl: "no-such-ctl" }) };
    const { stderr, code } = await run("before", env).result;
    expect(code).toBe(1);
    expect(stderr).toContain(
      "There is no no-such-ctl here: install the deepflow-ctl of your server's own version",
    );
  });
});

describe("killed at any step and run again, it ends the same, with the same way back", () => {
  /**
   * Runs a verb and kills it at its n-th request, before or after that took effect; whether it came that far.
   */
  async function killedAt(request: number, verb: string, env: Record<string, string>): Promise<boolean> {
    const { child, result } = run(verb, env);
    let seen = 0;
    controller.onRequest = () => {
      seen += 1;
      if (seen === request) child.kill("SIGKILL");
    };
    await result;
    controller.onRequest = undefined;
    return seen >= request;
  }

  test("apply", async () => {
    const before = await succeed("before", { AGENT_GROUP_CONFIG: spec() });
    const env = { AGENT_GROUP_CONFIG: spec(), AGENT_GROUP_BEFORE: before };
    let steps = 0;
    for (let request = 1; await killedAt(request, "apply", env); request += 1) {
      steps = request;
      const applied = await succeed("apply", env);
      expect(controller.stored("default"), `request ${request}`).toBe(set);
      await succeed("restore", { ...env, PULUMI_COMMAND_STDOUT: applied });
      expect(controller.stored("default"), `request ${request}`).toBe(start);
    }
    // Template, groups, two looks, the write, and the look after it.
    expect(steps).toBe(6);
  }, 60_000);

  test("restore", async () => {
    const before = await succeed("before", { AGENT_GROUP_CONFIG: spec() });
    const env = { AGENT_GROUP_CONFIG: spec(), AGENT_GROUP_BEFORE: before };
    for (let request = 1; ; request += 1) {
      const applied = await succeed("apply", env);
      const back = { ...env, PULUMI_COMMAND_STDOUT: applied };
      const killed = await killedAt(request, "restore", back);
      const again = await run("restore", back).result;
      expect(again).toMatchObject({ code: 0 });
      expect(again.stderr).not.toContain("somebody else");
      expect(controller.stored("default"), `request ${request}`).toBe(start);
      if (!killed) break;
    }
  }, 60_000);
});
