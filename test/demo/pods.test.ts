import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callGraph } from "../../components/demo/call-graph.ts";
import { jvmMemoryFlags, minJvmMemoryMib } from "../../components/demo/jvm-memory.ts";
import { networkPolicySpec } from "../../components/demo/network-policy.ts";
import { podTemplate } from "../../components/demo/pod-template.ts";
import { rows, selectorOf, type Demo, type Row } from "../../components/demo/table.ts";
import { endpointUrl } from "../../components/destination.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { refusal, type NetworkPolicy } from "../../local/cluster/node/network-policy.ts";
import type { Peer } from "../../local/cluster/node/policy-rule.ts";
import { rowOf, webShop, webStore } from "./demos.ts";

const destination = otelAgentDestination("open-telemetry");
const demos = [webShop(), webStore(), webShop({ persistence: {} }), webStore({ persistence: {} })];
const allRows = demos.flatMap((demo) => rows(demo).map((row) => [`${demo.title} ${row.name}`, row] as const));

test.each(allRows)(
  "the pod of %s has limits, no token, no service links, and no capability that its row does not name",
  (_, row) => {
    const spec = podSpec(row);
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    });
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(container.resources).toMatchObject({ limits: { memory: expect.any(String) as string } });
      expect(container.resources.requests.memory).toBe(container.resources.limits.memory);
      expect(container.securityContext.allowPrivilegeEscalation).toBe(false);
      expect(container.securityContext.capabilities.drop).toEqual(["ALL"]);
      expect(container.image).not.toMatch(/:latest$|^[^:]*$/);
    }
    expect(spec.containers[0]?.securityContext.capabilities.add).toEqual(row.service.capabilities);
  },
);

test("only load generators, which nobody calls, are not probed", () => {
  const unprobed = allRows.filter(([, row]) => !container(row).readinessProbe).map(([, row]) => row.name);
  expect(new Set(unprobed)).toEqual(new Set(["loadgenerator"]));
});

test("no variable holds a password, and every reference to an earlier variable finds it", () => {
  for (const [name, row] of allRows) {
    const env = container(row).env ?? [];
    env.forEach(({ name: variable, value = "" }, index) => {
      if (/PASSWORD|PSW|SECRET/.test(variable)) expect(value, name).toBe("");
      const earlier = env.slice(0, index).map((one) => one.name);
      for (const [, reference = ""] of value.matchAll(/\$\((\w+)\)/g))
        expect(earlier, name).toContain(reference);
    });
  }
});

describe("the architecture of a pod's node", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const selectorsOf = (settings: object) => {
    const demo = webStore(settings);
    return Object.fromEntries(rows(demo).map((row) => [row.name, podSpec(row).nodeSelector]));
  };
  const adservice = (image: object, settings: object = {}) =>
    selectorsOf({ services: { adservice: { image } }, ...settings })["adservice"];
  const amd64 = { "kubernetes.io/arch": "amd64" };

  test("is that of an image which is built for one, and open for one that is built for several", () => {
    const { "redis-cart": redis, ...others } = selectorsOf({});
    expect(redis).toBeUndefined();
    expect(Object.values(others)).toEqual(Array(11).fill(amd64));
  });

  test("is open for an image that a stack replaces, of which nothing is known, and not for a mirrored one", () => {
    expect(adservice({ repository: "mine/ad", tag: "1.0" })).toBeUndefined();
    expect(adservice({ tag: "1.0" })).toBeUndefined();
    expect(adservice({ digest })).toBeUndefined();
    expect(adservice({ registry: "quay.io" })).toEqual(amd64);
  });

  test("is for all of a demo what its setting says, also for a digest that pins an image", () => {
    expect(new Set(Object.values(selectorsOf({ architecture: "any" })))).toEqual(new Set([undefined]));
    expect(adservice({ digest }, { architecture: "amd64" })).toEqual(amd64);
    expect(selectorsOf({ architecture: "arm64" })["redis-cart"]).toEqual({ "kubernetes.io/arch": "arm64" });
  });
});

test("a claim of another class has another name, so that Pulumi makes it before the old one goes", () => {
  const claimOf = (storageClass?: string) => {
    const { volumes = [] } = podSpec(rowOf(webStore({ persistence: { storageClass } }), "redis-cart"));
    return volumes.find(({ name }) => name === "data");
  };
  expect(claimOf()).toMatchObject({ persistentVolumeClaim: { claimName: "redis-cart-data" } });
  expect(claimOf("fast")).toMatchObject({ persistentVolumeClaim: { claimName: "redis-cart-data-fast" } });
});

test("a path that a volume is mounted at is mounted once, and from a volume that is there", () => {
  for (const [name, row] of allRows) {
    const spec = podSpec(row);
    const mounts = spec.containers[0]?.volumeMounts ?? [];
    const volumes = (spec.volumes ?? []).map((volume) => volume.name);
    expect(new Set(mounts.map(({ mountPath }) => mountPath)).size, name).toBe(mounts.length);
    expect(
      mounts.map((mount) => mount.name).filter((mount) => !volumes.includes(mount)),
      name,
    ).toEqual([]);
  }
});

describe("a JVM's memory", () => {
  test("stays within its limit whatever that is, and leaves the heap most of what is not needed elsewhere", () => {
    fc.assert(
      fc.property(fc.integer({ min: minJvmMemoryMib, max: 65536 }), (memory) => {
        const sizes = jvmMemoryFlags(memory).flatMap((flag) => /(?:Xmx|=)(\d+)m$/.exec(flag)?.[1] ?? []);
        const sum = sizes.map(Number).reduce((total, size) => total + size, 0);
        expect(sizes).toHaveLength(4);
        // 64 MiB for what no flag limits.
        expect(sum + 64).toBe(memory);
        expect(Number(sizes[0])).toBeGreaterThanOrEqual(128);
      }),
    );
  });

  test("of svc-order follows from the one number that a stack sets", () => {
    const options = (memory?: string) =>
      container(
        rowOf(webShop(memory ? { services: { "svc-order": { memory } } } : {}), "svc-order"),
      ).env?.find(({ name }) => name === "JAVA_TOOL_OPTIONS")?.value;
    expect(options()).toContain("-Xmx448m");
    expect(options("2Gi")).toContain("-Xmx1728m");
    // Direct memory does not grow with it: from 96 MiB on Netty keeps a pool, which the garbage collector
    // does not free.
    expect(options("2Gi")).toContain("-XX:MaxDirectMemorySize=32m -Dio.netty.maxDirectMemory=0");
  });
});

describe("network policies", () => {
  test.each(demos.slice(0, 2))(
    "of $title allow the call graph's edges, and no others between its services",
    (demo) => {
      const policies = policiesOf(demo);
      const expected = new Set(callGraph(demo).map(({ from, to }) => `${from} → ${to}`));
      const allowed = new Set<string>();
      for (const from of rows(demo)) {
        for (const to of rows(demo)) {
          if (from.name === to.name) continue;
          const numbers = [...(to.service.ports ?? []).map(({ number }) => number), 22];
          const open = numbers.filter((port) =>
            isAllowed(policies, peer(demo, from.name), peer(demo, to.name), port),
          );
          if (open.length > 0) allowed.add(`${from.name} → ${to.name}`);
          expect(open).not.toContain(22);
        }
      }
      expect(allowed).toEqual(expected);
    },
  );

  test.each(demos.slice(0, 2))(
    "of $title let spans out to the Collector, from services that have any, and nobody anywhere else",
    (demo) => {
      const policies = policiesOf(demo);
      const collector = {
        address: "10.1.0.99",
        pod: {
          namespace: "open-telemetry",
          name: "otel-agent",
          labels: destination.pods?.selector ?? {},
        },
      };
      const elsewhere = { address: "192.0.2.1" };
      for (const { name, service } of rows(demo)) {
        expect(isAllowed(policies, peer(demo, name), collector, 4317), name).toBe(service.sdk !== undefined);
        expect(isAllowed(policies, peer(demo, name), elsewhere, 443), name).toBe(false);
        expect(isAllowed(policies, peer(demo, name), elsewhere, 53), name).toBe(true);
        expect(isAllowed(policies, elsewhere, peer(demo, name), 8080), name).toBe(false);
      }
      expect(endpointUrl(destination, "grpc")).toContain("4317");
    },
  );

  test("open the front end to the world only where a stack says so", () => {
    const fromOutside = (demo: Demo) =>
      isAllowed(policiesOf(demo), { address: "192.0.2.1" }, peer(demo, "web-shop"), 8090);
    expect(fromOutside(webShop())).toBe(false);
    expect(fromOutside(webShop({ frontEndType: "LoadBalancer" }))).toBe(true);
  });
});

interface Pod {
  nodeSelector?: Record<string, string>;
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string }[];
}

interface Container {
  image: string;
  env?: { name: string; value?: string }[];
  readinessProbe?: object;
  resources: { requests: { memory: string }; limits: { memory: string } };
  securityContext: { allowPrivilegeEscalation: boolean; capabilities: { drop: string[]; add?: string[] } };
  volumeMounts?: { name: string; mountPath: string }[];
}

function podSpec(row: Row): Pod {
  return podTemplate(row, { destination }).spec as unknown as Pod;
}

function container(row: Row): Container {
  const [first] = podSpec(row).containers;
  if (!first) throw new Error("The pod has no container.");
  return first;
}

function policiesOf(demo: Demo): NetworkPolicy[] {
  return rows(demo).map((row) => ({
    metadata: { name: row.name, namespace: demo.namespace },
    spec: networkPolicySpec(row, destination) as NonNullable<NetworkPolicy["spec"]>,
  }));
}

function peer(demo: Demo, name: string): Peer {
  const address = `10.1.0.${Object.keys(demo.services).indexOf(name) + 1}`;
  return { address, pod: { namespace: demo.namespace, name, labels: selectorOf(demo, name) } };
}

function isAllowed(policies: NetworkPolicy[], from: Peer, to: Peer, port: number): boolean {
  const namespaceLabels = (namespace: string) => ({ "kubernetes.io/metadata.name": namespace });
  return refusal({ policies, namespaceLabels }, { from, to, port, protocol: "TCP" }) === undefined;
}
