import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { dump } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toolchain } from "../../local/cluster/toolchain/toolchain.ts";
import { engineStack, missingEngine } from "../../local/engine.ts";
import { describeCluster } from "../cluster/harness.ts";
import { missingForHost, startHost, type Host } from "../host-collector/host.ts";

const providers = ["command"];
const missing = missingEngine(providers) ?? missingForHost();
const describeEngine =
  missing === undefined
    ? describeCluster
    : (name: string, define: () => void) => {
        console.warn(`The engine's tests of hosts are skipped. ${missing}`);
        describe.skip(`${name} (skipped: ${missing})`, define);
      };

describeEngine("a Collector on a host under the real Pulumi engine", () => {
  let host: Host;
  let stack: Stack;
  beforeAll(async () => {
    host = await startHost();
    const { port, user, hostKey, dir } = host;
    const collector = toolchain().otelcols["0.149.0"] ?? "";
    const settings = { host: "127.0.0.1", port: String(port), user, hostKey, collector, team: "shop" };
    const config = join(dir, "stack.yaml");
    const entries = Object.entries(settings).map(([name, value]) => [`hosts:${name}`, value] as const);
    writeFileSync(config, dump({ config: Object.fromEntries(entries) }));
    const program = join(import.meta.dirname, "programs", "hosts");
    const kubeconfig = join(dir, "no-such-kubeconfig");
    const folder = join(dir, "engine");
    stack = await engineStack({ folder, stack: "test", config, kubeconfig, program, providers });
    await stack.setConfig("privateKey", { value: host.privateKey, secret: true });
  });
  afterAll(async () => {
    await host.stop();
  });

  const unit = () => join(host.etc, "systemd", "system", "otel-agent.service");
  const collectorConfig = () => readFileSync(join(host.etc, "otel-agent", "config.yaml"), "utf8");
  const restarts = () => host.systemctlCalls().filter((call) => call.startsWith("restart")).length;

  /** The files of the backend, checkpoints and history alike, that a text can be read in. */
  function filesWith(text: string): string[] {
    const files = readdirSync(join(host.dir, "engine", "state"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    expect(files.length).toBeGreaterThan(0);
    return files.filter((file) => readFileSync(file, "utf8").includes(text));
  }

  test("a preview without the host works, and touches nothing", async () => {
    await host.away();
    expect((await stack.preview()).changeSummary).toEqual({ create: 3 });
    await host.back();
    expect(existsSync(unit())).toBe(false);
  });

  test("a host that is away is an error that names it", async () => {
    await host.away();
    await expect(stack.up()).rejects.toThrow(new RegExp(`web-service[^]*127.0.0.1:${host.port}`));
    await host.back();
  });

  test("another server than the one whose key is known gets nothing", async () => {
    await stack.setConfig("hostKey", { value: host.otherHostKey });
    await expect(stack.up()).rejects.toThrow("host key mismatch");
    await stack.setConfig("hostKey", { value: host.hostKey });
    expect(host.systemctlCalls()).toEqual([]);
  });

  test("up installs it, without a warning, and the key is nowhere in the state in plain text", async () => {
    const { stdout, stderr } = await stack.up();
    expect(existsSync(unit())).toBe(true);
    expect(restarts()).toBe(1);
    const warnings = `${stdout}\n${stderr}`
      .split("\n")
      .filter((line) => /warning: (?!using pulumi-resource)/.test(line));
    expect(warnings).toEqual([]);
    // Of its lines, because JSON escapes what is between them.
    const [, line = ""] = host.privateKey.split("\n");
    expect(filesWith(line)).toEqual([]);
    expect(filesWith("app.host.ip")).not.toEqual([]);
  });

  test("an up and a refresh that change nothing do nothing on the host", async () => {
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(["same"]);
    expect(Object.keys((await stack.refresh()).summary.resourceChanges ?? {})).toEqual(["same"]);
    expect(host.systemctlCalls()).toEqual([]);
  });

  test("a changed configuration is an update in place, and starts it again", async () => {
    await stack.setConfig("team", { value: "billing" });
    const { summary, stdout, stderr } = await stack.up();
    expect(summary.resourceChanges).toEqual({ same: 2, update: 1 });
    expect(restarts()).toBe(1);
    expect(collectorConfig()).toContain("billing");
    expect(`${stdout}\n${stderr}`).not.toContain("AcceptEnv");
  });

  test("one that cannot be used fails with what the host said, and the next up tries again", async () => {
    await stack.setConfig("team", { value: "search" });
    await stack.setConfig("collector", { value: "/usr/bin/no-such-collector" });
    const failure = stack.up();
    await expect(failure).rejects.toThrow("There is no Collector at /usr/bin/no-such-collector on 127.0.0.1");
    await expect(failure).rejects.toThrow('running "');
    await expect(failure).rejects.not.toThrow("stays_up");
    expect(collectorConfig()).toContain("billing");
    await stack.setConfig("collector", { value: toolchain().otelcols["0.149.0"] ?? "" });
    await stack.up();
    expect(collectorConfig()).toContain("search");
  });

  test("under another name of the host it is removed first, and then installed", async () => {
    await stack.setConfig("host", { value: "localhost" });
    host.systemctlCalls();
    const { summary } = await stack.up();
    expect(summary.resourceChanges).toEqual({ same: 2, replace: 1 });
    const calls = host.systemctlCalls().map((call) => call.split(" ")[0]);
    expect(calls.indexOf("disable")).toBeLessThan(calls.indexOf("restart"));
    expect(existsSync(unit())).toBe(true);
  });

  test("a destroy without the host fails and names it, and one with it leaves nothing", async () => {
    await host.away();
    await expect(stack.destroy()).rejects.toThrow(`${host.port}`);
    await host.back();
    await stack.destroy();
    expect(existsSync(unit())).toBe(false);
    expect(existsSync(join(host.etc, "otel-agent"))).toBe(false);
  });
});
