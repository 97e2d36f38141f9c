import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { applyManifests, kubectl } from "../../local/cluster/kubectl.ts";
import { eventually, podsIn } from "../../local/cluster/pods.ts";
import { installDeepflowCtl } from "../../local/deepflow/deepflow-ctl.ts";
import { controllerAddress } from "../../local/embedded-cluster.ts";
import { describeCluster, startTestCluster } from "./harness.ts";

describeCluster("the simulated deepflow-server", () => {
  const folder = mkdtempSync(join(tmpdir(), "deepflow-server-test-"));
  const program = installDeepflowCtl(folder);
  let cluster: Cluster;

  async function ctl(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const { host, port } = controllerAddress(cluster);
    const { promise, resolve } = Promise.withResolvers<{ stdout: string; stderr: string }>();
    execFile(program, ["-i", host, "--api-port", String(port), ...args], (_, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
    return promise;
  }

  /** The id of the default group, once the controller answers, which a new pod does with another id. */
  const defaultGroup = (before?: string): Promise<string> =>
    eventually("The controller's answer", async () => {
      const [, id] = /^default +(g-\w{10}) /.exec((await ctl("agent-group", "list")).stdout) ?? [];
      return id === before ? undefined : id;
    });

  beforeAll(async () => {
    cluster = await startTestCluster("deepflow-server", { nodes: 1 });
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  });

  test("is not there before it is applied: connections are closed", async () => {
    const { stdout, stderr } = await ctl("agent-group", "list");
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^curl \(http:\/\/127\.0\.0\.1:\d+\/v1\/vtap-groups\/\) failed, \(Get ".*": EOF\)\n$/,
    );
  });

  test("serves deepflow-ctl on this machine, and starts anew with its pod", async () => {
    await applyManifests(
      cluster,
      join(import.meta.dirname, "..", "..", "local", "deepflow", "manifests.yaml"),
    );
    const id = await defaultGroup();
    expect((await ctl("agent-group-config", "list")).stdout).toBe("");
    const config = join(folder, "config.yaml");
    writeFileSync(config, "inputs:\n  integration:\n    enabled: true\n");
    expect(await ctl("agent-group-config", "create", id, "-f", config)).toEqual({ stdout: "", stderr: "" });
    expect((await ctl("agent-group-config", "list", id, "-o", "yaml")).stdout).toBe(
      `${readFileSync(config, "utf8")}\n`,
    );

    const isServer = ({ name }: { name: string }): boolean => name.startsWith("deepflow-server-");
    const pod = (await podsIn(cluster, "deepflow")).find(isServer);
    expect(pod?.containers).toMatchObject([{ program: "deepflow-server", running: true, healthy: true }]);
    expect(readFileSync(pod?.containers[0]?.log ?? "", "utf8")).toContain(" GET /v1/vtap-groups/\n");
    await kubectl(cluster, ["delete", "pod", "-n", "deepflow", pod?.name ?? ""]);
    await defaultGroup(id);
    expect((await ctl("agent-group-config", "list")).stdout).toBe("");
  });
});
