import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Service } from "@kubernetes/client-node";
import { load } from "js-yaml";
import { expect, onTestFinished, test, vi } from "vitest";
import { hostsFile, hostsFiles, parseHosts } from "../../../../local/cluster/node/hosts.ts";

const services = load(`
- { metadata: { namespace: open-telemetry, name: otel-agent }, spec: { clusterIP: 10.96.1.2 } }
- { metadata: { namespace: demo, name: cart }, spec: { clusterIP: 10.96.1.3 } }
- { metadata: { namespace: demo, name: headless }, spec: { clusterIP: None } }
- { metadata: { namespace: demo, name: outside }, spec: { type: ExternalName, externalName: example.org } }
`) as V1Service[];

test("every Service with an address has each of its names, and a bare one within its namespace", () => {
  expect(hostsFile(services, "demo", { address: "10.244.1.5", name: "shop-0" })).toBe(
    [
      "127.0.0.1 localhost",
      "10.244.1.5 shop-0",
      "10.96.1.2 otel-agent.open-telemetry otel-agent.open-telemetry.svc otel-agent.open-telemetry.svc.cluster.local",
      "10.96.1.3 cart.demo cart.demo.svc cart.demo.svc.cluster.local cart",
      "",
    ].join("\n"),
  );
});

test("a hosts file is read back, the first address of a name winning", () => {
  const addresses = parseHosts("10.0.0.1 A b # c\n\n# d\n10.0.0.2 b e");
  expect(Object.fromEntries(addresses)).toEqual({ a: "10.0.0.1", b: "10.0.0.1", e: "10.0.0.2" });
});

test("kept files follow the Services, and forgotten ones do not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hosts-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  let current: V1Service[] = [];
  let changed: () => void = () => undefined;
  const files = hostsFiles(
    {
      list: () => current,
      get: () => undefined,
      onChange: (listener) => {
        changed = listener;
      },
      stop: () => Promise.resolve(),
    },
    (line) => expect.fail(line),
  );
  const [kept, forgotten] = [join(folder, "kept"), join(folder, "forgotten")];
  await files.keep(kept, "demo");
  await files.keep(forgotten, "demo");
  files.forget(forgotten);
  current = services;
  changed();
  await vi.waitFor(async () => {
    expect(await readFile(kept, "utf8")).toContain("10.96.1.3 cart.demo");
  });
  expect(await readFile(forgotten, "utf8")).toBe("127.0.0.1 localhost\n");
  expect(await readdir(folder)).toEqual(["forgotten", "kept"]);
});
