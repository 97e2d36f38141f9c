import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { attachCluster, startCluster } from "../../local/cluster/cluster.ts";
import { stateDir } from "../../local/cluster/supervisor/state.ts";
import { stopCluster } from "../../local/cluster/supervisor/stop-cluster.ts";
import { clusterName, describeCluster, startTestCluster } from "./harness.ts";
import { processesOf, processNamed } from "./processes.ts";

describeCluster("an embedded cluster", () => {
  const name = clusterName("lifecycle");
  const dir = stateDir(name);

  afterEach(async () => {
    await stopCluster(dir);
  });

  test("is ready within 20 s, and stops within 5 s without leaving a process or a file", async () => {
    const begun = performance.now();
    const cluster = await startCluster({ name });
    expect(performance.now() - begun).toBeLessThan(20_000);

    const nodes = await cluster.kubectl(["get", "nodes", "--no-headers"]);
    expect(nodes.stdout).toMatch(/^node-1 +Ready .*\nnode-2 +Ready .*\n$/);
    expect(await cluster.control("GET", "/status")).toMatchObject({ name, nodes: 2 });
    await expect(cluster.control("GET", "/nowhere")).rejects.toThrow("has no GET /nowhere; it has GET /");

    const stopping = performance.now();
    await cluster.stop();
    expect(performance.now() - stopping).toBeLessThan(5_000);
    expect(processesOf(name)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    await expect(cluster.control("GET", "/status")).rejects.toThrow("it was stopped or is stopping");
  });

  test("gives each pod its node's addresses and a token, and holds pods to their namespace's security", async () => {
    const cluster = await startTestCluster("lifecycle", { nodes: 3 });
    const pods = [1, 2, 3].map((number) => pod(`pod-${number}`, `node-${number}`));
    const host = pod("host", "node-2", { hostNetwork: true });
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: [...pods, host] });
    expect(await cluster.kubectl(["create", "-f", "-"], { input })).toMatchObject({ exitCode: 0 });
    await cluster.kubectl(["wait", "--for=condition=Ready", "pods", "--all", "--timeout=30s"]);

    const path = '{range .items[*]}{.status.hostIP} {.status.podIP}{"\\n"}{end}';
    const { stdout } = await cluster.kubectl(["get", "pods", "-o", `jsonpath=${path}`]);
    expect(stdout.trim().split("\n")).toEqual([
      "10.0.0.2 10.0.0.2",
      "10.0.0.1 10.244.1.1",
      "10.0.0.2 10.244.2.1",
      "10.0.0.3 10.244.3.1",
    ]);
    expect((await cluster.kubectl(["create", "token", "default"])).stdout).toMatch(/^ey.+\..+\..+/);

    await cluster.kubectl(["label", "namespace", "default", "pod-security.kubernetes.io/enforce=restricted"]);
    const refused = await cluster.kubectl(["create", "-f", "-"], {
      input: JSON.stringify(pod("late", "node-1")),
    });
    expect(refused.stderr).toContain('violates PodSecurity "restricted:latest"');
  });

  test("is etcd and the API server alone where no controllers are wanted", async () => {
    const cluster = await startTestCluster("lifecycle", { controllers: false });
    const status = (await cluster.control("GET", "/status")) as { processes: { name: string }[] };
    expect(status.processes.map(({ name }) => name)).toEqual(["etcd", "kube-apiserver"]);
    expect(await cluster.kubectl(["get", "nodes"])).toMatchObject({ stdout: "", exitCode: 0 });
  });

  test("is attached to by name, and by starting it again", async () => {
    const cluster = await startTestCluster("lifecycle");
    expect(attachCluster(name)?.pid).toBe(cluster.pid);
    expect((await startTestCluster("lifecycle")).pid).toBe(cluster.pid);
    await cluster.stop();
    expect(attachCluster(name)).toBeUndefined();
  });

  test("is started once by two who start it at the same time", async () => {
    const [one, other] = await Promise.all([startTestCluster("lifecycle"), startTestCluster("lifecycle")]);
    expect(one.pid).toBe(other.pid);
  });

  test("runs beside another, whose folder may be too deep for a socket", async () => {
    const root = mkdtempSync(join(tmpdir(), "lifecycle-"));
    const deep = join(root, "a-folder-with-a-long-name/".repeat(5), "cluster");
    try {
      const [one, other] = await Promise.all([
        startTestCluster("lifecycle"),
        startTestCluster("other", { dir: deep, nodes: 1 }),
      ]);
      expect(one.apiServer).not.toBe(other.apiServer);
      const nodes = await Promise.all(
        [one, other].map((cluster) => cluster.kubectl(["get", "nodes", "-o", "name"])),
      );
      expect(nodes.map(({ stdout }) => stdout)).toEqual(["node/node-1\nnode/node-2\n", "node/node-1\n"]);
      await other.stop();
      expect(existsSync(deep)).toBe(false);
    } finally {
      await stopCluster(deep);
      rmSync(root, { recursive: true });
    }
  });

  test.for(["launcher.ts", "supervisor.ts", "unshare"])(
    "leaves no process when its %s is killed, and starts again",
    async (program) => {
      const cluster = await startCluster({ name });
      expect(processesOf(name).length).toBeGreaterThan(7);
      process.kill(processNamed(name, program)?.pid ?? 0, "SIGKILL");
      await vi.waitFor(
        () => {
          expect(processesOf(name)).toEqual([]);
        },
        { timeout: 5_000 },
      );
      expect(attachCluster(name)).toBeUndefined();
      const again = await startCluster({ name });
      expect(again.pid).not.toBe(cluster.pid);
    },
  );

  test("ends with the process that started it, if it is tied to it, even one that is killed", async () => {
    const script = `
      const { startCluster } = await import(${JSON.stringify(join(import.meta.dirname, "../../local/cluster/cluster.ts"))});
      await startCluster({ name: ${JSON.stringify(name)}, detached: false });
      console.log("ready");
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await vi.waitFor(
      () => {
        expect(processesOf(name)).toEqual([]);
      },
      { timeout: 10_000 },
    );
    expect(existsSync(dir)).toBe(false);
  });

  test("leaves nothing when its start is given up", async () => {
    const controller = new AbortController();
    const start = startCluster({ name, signal: controller.signal });
    const given = expect(start).rejects.toThrow("changed my mind");
    await untilRunning("kube-apiserver");
    controller.abort(new Error("changed my mind"));
    await given;
    expect(processesOf(name)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  });

  test("says which program ended too early, with the end of its log", async () => {
    const start = startCluster({ name });
    const failed = expect(start).rejects.toThrow(
      /^etcd was ended by SIGKILL\. (The end of|There is nothing in) .*etcd\.log/,
    );
    process.kill(await untilRunning("etcd"), "SIGKILL");
    await failed;
    expect(processesOf(name)).toEqual([]);
    expect(readFileSync(join(dir, "log", "supervisor.log"), "utf8")).toContain("etcd was ended by SIGKILL");
  });

  test("takes no folder that holds something else", async () => {
    const foreign = mkdtempSync(join(tmpdir(), "lifecycle-"));
    try {
      const start = startTestCluster("foreign", { dir: join(foreign, "..") });
      await expect(start).rejects.toThrow("give the cluster a folder of its own");
    } finally {
      rmSync(foreign, { recursive: true });
    }
  });

  async function untilRunning(program: string): Promise<number> {
    const found = await vi.waitUntil(() => processNamed(name, `/${program}`), { timeout: 20_000 });
    return found.pid;
  }
});

function pod(name: string, nodeName: string, spec: object = {}): object {
  const containers = [{ name: "main", image: "example.org/none" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { nodeName, containers, ...spec } };
}
