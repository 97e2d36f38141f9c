import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kubectl } from "../../local/cluster/kubectl.ts";
import { isOnPath, searchPath } from "../../local/cluster/toolchain/search-path.ts";
import { startNodeCluster, type NodeCluster } from "../../local/nodes/cluster.ts";
import type { ProgramImage } from "../../local/nodes/image.ts";
import { containerdSocket } from "../../local/nodes/node-config.ts";
import { renderSettings } from "../../render/stack.ts";
import { describeNodes } from "./harness.ts";
import { podsOf } from "./pods.ts";
import { run } from "./run.ts";

const namespace = "deepflow-otel-grpc-demo";
const settings = { "deepflow-otel:otelWebStore": JSON.stringify({ persistence: {} }) };
const lacks = isOnPath("redis-server", searchPath())
  ? undefined
  : "redis-cart needs Redis, which is not here: apt-get install --no-install-recommends redis-server.";

describeNodes(
  "on a real node, redis-cart with its volume",
  () => {
    let cluster: NodeCluster;
    beforeAll(async () => {
      const objects = await rendered();
      cluster = await startNodeCluster({ nodes: 1, images: [redisImage(objects)], collectorVersions: [] });
      const input = JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: [...objects, volume(join(cluster.dir, "volume"))],
      });
      await kubectl(cluster, ["apply", "--server-side", "-f", "-"], { input });
      await ready();
    });
    afterAll(async () => {
      await cluster.stop();
    });

    async function ready(): Promise<void> {
      const status = ["rollout", "status", "-n", namespace, "statefulset/redis-cart", "--timeout=90s"];
      await kubectl(cluster, status);
    }

    /** Runs a command in the container, as its probes are run. */
    async function inContainer(...command: string[]): Promise<string> {
      const [pod] = await podsOf(cluster, namespace);
      if (pod === undefined) throw new Error("There is no redis-cart.");
      const exec = ["ctr", "--address", containerdSocket, "--namespace", "k8s.io", "tasks", "exec"];
      const id = ["--exec-id", randomUUID(), pod.container];
      return (await run(cluster.inNode(pod.node, [...exec, ...id, ...command]))).trim();
    }

    test("runs as the user that it is rendered with, whose files its volume then has", () => {
      const { uid, gid } = statSync(join(cluster.dir, "volume", "data", "appendonlydir"));
      expect([uid, gid]).toEqual([999, 1000]);
    });

    test("cannot write elsewhere", async () => {
      await expect(inContainer("sh", "-c", ": > /file")).rejects.toThrow("Read-only file system");
    });

    test("has its data when its pod is another one", async () => {
      expect(await inContainer("redis-cli", "set", "cart", "full")).toBe("OK");
      const [before] = await podsOf(cluster, namespace);
      await kubectl(cluster, ["delete", "pod", "-n", namespace, "redis-cart-0"]);
      await ready();
      const [after] = await podsOf(cluster, namespace);
      expect(after?.container).not.toBe(before?.container);
      expect(await inContainer("redis-cli", "get", "cart")).toBe("full");
    });
  },
  lacks,
);

interface RenderedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec: { readonly containers: { image: string }[] } } };
}

/** The namespace, and what there is of redis-cart but the policy of its network. */
async function rendered(): Promise<RenderedObject[]> {
  const files = await renderSettings(settings, "nodes");
  const objects = [...files]
    .filter(([path]) => path.endsWith(".yaml") && !path.includes("networkpolicy"))
    .map(([, content]) => load(content) as RenderedObject);
  return objects.filter(
    ({ kind, metadata: { name } }) =>
      name.startsWith("redis-cart") || (kind === "Namespace" && name === namespace),
  );
}

/** The image that the rendered pod names, made of this machine's Redis. */
function redisImage(objects: readonly RenderedObject[]): ProgramImage {
  const reference = objects.flatMap(({ spec }) => spec?.template?.spec.containers ?? [])[0]?.image ?? "";
  const programs = {
    "/usr/local/bin/redis-server": "/usr/bin/redis-server",
    "/usr/local/bin/redis-cli": "/usr/bin/redis-cli",
    "/bin/sh": "/bin/sh",
  };
  const [[path, file]] = Object.entries(programs) as [[string, string]];
  const libraries = Object.values(programs).flatMap(linkedTo);
  return {
    ...{ reference, path, file, args: [], user: 999, workingDir: "/data" },
    others: { ...programs, ...Object.fromEntries(libraries.map((library) => [library, library])) },
  };
}

/** The libraries of a program, by the paths at which it looks for them. */
function linkedTo(program: string): string[] {
  const listing = execFileSync("ldd", [realpathSync(program)], { encoding: "utf8" });
  return (listing.match(/\/\S+/g) ?? []).filter((path) => existsSync(path));
}

/** A volume for the claim, of the kind that a kubelet gives to the pod's group. */
function volume(path: string): object {
  mkdirSync(path);
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "redis-cart" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["node-1"] }] },
          ],
        },
      },
    },
  };
}
