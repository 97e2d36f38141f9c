import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../local/cluster/cluster.ts";
import type { ProgramResult } from "../../local/cluster/node/pod-program.ts";
import type { AllowedAnswer } from "../../local/cluster/node/policy-decisions.ts";
import { eventually, leadsTo, podsIn } from "../../local/cluster/pods.ts";
import { describeCluster, startTestCluster } from "./harness.ts";

const manifest = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: cart, namespace: shop, labels: { app: cart } }
spec:
  containers: [{ name: cart, image: cart, ports: [{ name: http, containerPort: 8080 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  selector: { app: cart }
  ports: [{ port: 80, targetPort: http }]
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  containers: [{ name: web, image: web }]
---
apiVersion: v1
kind: Pod
metadata: { name: other, namespace: shop, labels: { app: other } }
spec:
  containers: [{ name: other, image: other }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cart, namespace: shop }
spec:
  podSelector: { matchLabels: { app: cart } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: http }] }]
`;

describeCluster("NetworkPolicies", () => {
  let cluster: Cluster;

  /** Runs kubectl, which has to succeed. */
  async function kubectl(args: string[], input = ""): Promise<void> {
    const { exitCode, stderr } = await cluster.kubectl(args, { input });
    expect(exitCode, stderr).toBe(0);
  }

  /** Runs a program of test/cluster/programs as a process of a pod. */
  async function run(pod: string, program: string, input: object): Promise<string> {
    const request = { namespace: "shop", pod, program: `test/cluster/programs/${program}`, input };
    const { stdout, stderr } = (await cluster.control("POST", "/run", request)) as ProgramResult;
    expect(stderr).toBe("");
    return stdout.trim();
  }

  const allowed = async (from: string, to: string, port: number): Promise<AllowedAnswer> =>
    (await cluster.control("POST", "/allowed", {
      ...{ from: { namespace: "shop", pod: from }, to: { namespace: "shop", pod: to }, port },
    })) as AllowedAnswer;
  /** Waits until the nodes have seen a change of the policies. */
  const seen = (what: string, expected: boolean) =>
    eventually(what, async () =>
      (await allowed("other", "cart", 8080)).allowed === expected ? true : undefined,
    );

  beforeAll(async () => {
    cluster = await startTestCluster("network-policy");
    await kubectl(["apply", "-f", "-"], manifest);
    await eventually("The start of the pods", async () => {
      const pods = await podsIn(cluster, "shop");
      return pods.length === 3 && pods.every(({ phase }) => phase === "Running") ? true : undefined;
    });
    await seen("The policy's effect", false);
    const cart = (await podsIn(cluster, "shop")).find(({ name }) => name === "cart");
    await eventually("The way through the Service", async () =>
      (await leadsTo(cluster, { namespace: "shop", name: "cart" }, [cart?.podIP ?? ""])) ? true : undefined,
    );
  });
  afterAll(async () => {
    await cluster.stop();
  });

  const sentence =
    "NetworkPolicy shop/cart isolates pod shop/cart for ingress, and none of its rules allows pod shop/other to reach it at TCP port 8080.";

  test("are asked for any two pods, and a pod's own port", async () => {
    expect(await allowed("web", "cart", 8080)).toEqual({ allowed: true });
    expect(await allowed("other", "cart", 8080)).toEqual({ allowed: false, reason: sentence });
    expect(await allowed("web", "cart", 80)).toMatchObject({ allowed: false });
    expect(await allowed("cart", "other", 80)).toEqual({ allowed: true });
    await expect(allowed("nobody", "cart", 8080)).rejects.toThrow("Pod shop/nobody does not exist");
    await expect(allowed("web", "cart", NaN)).rejects.toThrow("null is no port");
  });

  test("decide who reaches a pod through its Service, for as long as they exist", async () => {
    const [cart, web, other] = await Promise.all(
      ["cart", "web", "other"].map(async (name) => {
        const pod = (await podsIn(cluster, "shop")).find((candidate) => candidate.name === name);
        return pod?.podIP ?? "";
      }),
    );
    const service = { host: "cart", port: 80 };
    // Three connections: the one that sees that it listens, web's, and other's second one.
    const ended = run("cart", "tell-sender.ts", { port: 8080, connections: 3 });
    await eventually("A server that listens", async () =>
      // Itself it always reaches.
      (await run("cart", "read-from.ts", { host: cart, port: 8080 })) === cart ? true : undefined,
    );

    expect(await run("web", "read-from.ts", service)).toBe(web);
    expect(await run("other", "read-from.ts", service)).toBe("ECONNRESET");
    expect(readFileSync(join(cluster.dir, "log", "supervisor.log"), "utf8")).toContain(
      `A connection to Service shop/cart:80 is refused: ${sentence}`,
    );

    await kubectl(["delete", "networkpolicy", "cart", "-n", "shop"]);
    await seen("The end of the policy", true);
    expect(await run("other", "read-from.ts", service)).toBe(other);
    await ended;
  });
});
