import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostCollectorArgs } from "../../components/host-collector/args.ts";
import { resolveHostCollector } from "../../components/host-collector/resolve.ts";
import { hostCommand, hostScript, type Verb } from "../../components/host-collector/script.ts";
import { toolchain } from "../../local/cluster/toolchain/toolchain.ts";
import type { Span } from "../../local/deepflow/otlp.ts";
import { describeCluster } from "../cluster/harness.ts";
import { missingForHost, startHost, type Host } from "../host-collector/host.ts";

const missing = missingForHost();
const describeHost =
  missing === undefined
    ? describeCluster
    : (name: string, define: () => void) => {
        console.warn(`The tests over SSH are skipped. ${missing}`);
        describe.skip(`${name} (skipped: ${missing})`, define);
      };

const address = "192.0.2.20";
const owner = "Pulumi stack deepflow-otel/test";

describeHost("a Collector on a host, over SSH", () => {
  let host: Host;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(async () => {
    await host.stop();
  });

  interface RunOptions {
    readonly args?: Partial<HostCollectorArgs>;
    readonly stack?: string;
    readonly user?: string;
    /** Changes the script, to what no setting can make of it. */
    readonly change?: (script: string) => string;
  }

  /** Runs the script as the provider does: the command by SSH, the script as standard input. */
  function run(verb: Verb, { args, stack = owner, user = "root", change }: RunOptions = {}) {
    const collector = toolchain().otelcols["0.149.0"] ?? "";
    const { hostKey } = host;
    const resolved = resolveHostCollector({ host: "web-1", address, hostKey, collector, ...args });
    const script = hostScript(resolved, stack);
    return host.ssh(hostCommand(verb, user), change?.(script) ?? script);
  }

  /** Somebody who has a port of the Collector's already, as long as the work takes. */
  async function withPortTaken<T>(port: number, work: () => Promise<T>): Promise<T> {
    const holder = host.start("test/host-collector/programs/hold-port.ts", { PORT: String(port) });
    if (holder.stdout) await once(holder.stdout, "data");
    try {
      return await work();
    } finally {
      holder.stdin?.end();
      await once(holder, "exit");
    }
  }

  const file = (path: string) => join(host.etc, path);
  const config = () => readFileSync(file("otel-agent/config.yaml"), "utf8");
  const restarts = () => host.systemctlCalls().filter((call) => call.startsWith("restart")).length;
  const restartCount = async (work: Promise<{ exitCode: number | null; stderr: string }>) => {
    host.systemctlCalls();
    const { exitCode, stderr } = await work;
    expect(exitCode, stderr).toBe(0);
    return restarts();
  };

  const team = { resourceAttributes: { team: "it's $HOME" } };

  async function sendTrace(): Promise<{ traceId: string; exported: boolean; error?: string }> {
    const sender = host.start("local/sample/traffic.ts", {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4317",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_SERVICE_NAME: "billing",
    });
    sender.stdin?.end(JSON.stringify({ spans: 3 }));
    if (!sender.stdout) throw new Error("The sender has no output.");
    return JSON.parse(await text(sender.stdout)) as { traceId: string; exported: boolean; error?: string };
  }

  test("without the Collector's program nothing is written, and the sentence names the package", async () => {
    const { exitCode, stderr } = await run("install", { args: { collector: "/usr/bin/no-such-collector" } });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "There is no Collector at /usr/bin/no-such-collector on web-1; install the package otelcol-contrib there, or write in the setting collector where it is.\n",
    );
    expect(readdirSync(file("systemd/system"))).toEqual([]);
  });

  test("one that does not stay up is removed again, and what it said is told", async () => {
    const { exitCode, stderr } = await withPortTaken(4317, () => run("install"));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("127.0.0.1:4317: bind: address already in use");
    expect(stderr).toContain("The Collector on web-1 did not stay up, so it was removed again");
    expect(readdirSync(file("systemd/system"))).toEqual([]);
    expect(existsSync(file("otel-agent"))).toBe(false);
  });

  let received: readonly Span[];
  test("is installed, and hands the spans of the host's processes to its deepflow-agent with the host's address", async () => {
    received = await host.startDeepflowAgent();
    expect(await restartCount(run("install"))).toBe(1);
    const { traceId, exported, error } = await sendTrace();
    expect(exported, error).toBe(true);
    await expect
      .poll(() => received.filter((span) => span.traceId === traceId).length, { timeout: 10_000 })
      .toBe(3);
    for (const { resource } of received) expect(resource).toMatchObject({ "app.host.ip": address });
  });

  test("is left alone by a second run, and by another user's who may use sudo", async () => {
    expect(await restartCount(run("install"))).toBe(0);
    expect(await restartCount(run("install", { user: "deploy" }))).toBe(0);
  });

  test("is started again with a changed configuration", async () => {
    expect(await restartCount(run("install", { args: team }))).toBe(1);
    const { traceId } = await sendTrace();
    await expect
      .poll(() => received.find((span) => span.traceId === traceId)?.resource["team"], { timeout: 10_000 })
      .toBe("it's $HOME");
  });

  test("is started again where it does not run", async () => {
    await host.ssh("systemctl disable --now --quiet otel-agent.service", "");
    expect(await restartCount(run("install", { args: team }))).toBe(1);
  });

  test("a configuration that it refuses leaves it as it is, and its own message is told", async () => {
    const before = config();
    host.systemctlCalls();
    const { exitCode, stderr } = await run("install", {
      change: (script) => script.replace("check_interval:", "check_intervall:"),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("has invalid keys: check_intervall");
    expect(stderr).toContain(
      "The Collector on web-1 refuses its configuration, so nothing was changed there.",
    );
    expect(restarts()).toBe(0);
    expect(config()).toBe(before);
    expect((await sendTrace()).exported).toBe(true);
  });

  test("one with which it does not stay up gives it back what it had before", async () => {
    const before = config();
    const { exitCode, stderr } = await withPortTaken(13134, () =>
      run("install", { change: (script) => script.replace("127.0.0.1:13133", "127.0.0.1:13134") }),
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain("127.0.0.1:13134: bind: address already in use");
    expect(stderr).toContain("so it has its configuration of before again and runs");
    expect(config()).toBe(before);
    expect((await sendTrace()).exported).toBe(true);
  });

  test("another stack is told whose the host is, and removes nothing", async () => {
    const before = config();
    const other = "Pulumi stack deepflow-otel/other";
    const { exitCode, stderr } = await run("install", { stack: other });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`is not of this stack but: # Owner: ${owner}; remove it there`);
    expect((await run("remove", { stack: other })).exitCode).toBe(0);
    expect(config()).toBe(before);
  });

  test("a script of which only a part arrives does nothing", async () => {
    const { hostKey } = host;
    const script = hostScript(resolveHostCollector({ host: "web-1", address, hostKey }), owner);
    host.systemctlCalls();
    for (const share of [0.2, 0.5, 0.8, 0.99])
      await host.ssh(hostCommand("remove", "root"), script.slice(0, Math.floor(script.length * share)));
    expect(host.systemctlCalls()).toEqual([]);
  });

  test("the package's own service, which has the same ports, is named", async () => {
    const unit = file("systemd/system/otelcol-contrib.service");
    writeFileSync(unit, "[Service]\nExecStart=/bin/sleep 1000\n");
    await host.ssh("systemctl daemon-reload && systemctl restart otelcol-contrib.service", "");
    const { exitCode, stderr } = await run("install");
    await host.ssh("systemctl disable --now --quiet otelcol-contrib.service", "");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("turn it off there: systemctl disable --now otelcol-contrib");
  });

  test("is stopped and removed, and a second time there is nothing to do", async () => {
    expect((await run("remove")).exitCode).toBe(0);
    expect(existsSync(file("systemd/system/otel-agent.service"))).toBe(false);
    expect(existsSync(file("otel-agent"))).toBe(false);
    expect((await sendTrace()).exported).toBe(false);
    expect((await run("remove")).exitCode).toBe(0);
  });
});
