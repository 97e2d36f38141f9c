import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { dump } from "js-yaml";
import { expect, test } from "vitest";
import { readObjects } from "../../components/ownership/cluster.ts";

const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" }, otherwise: "" };

function kubeconfig(server: string): string {
  return dump({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "test", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}

test.each([
  ["there is no kubeconfig", "/no/such/kubeconfig"],
  ["nobody answers", kubeconfig("http://127.0.0.1:9")],
  ["the context is unknown", "apiVersion: v1\nkind: Config\n"],
])("nothing is known of a cluster where %s: a preview works without one", async (_, text) => {
  expect(await readObjects([namespace], { kubeconfig: pulumi.output(text) })).toBeUndefined();
});

test("an object that is there is read, and one that is not is not there", async () => {
  const resources = { kind: "APIResourceList", resources: [{ name: "namespaces", kind: "Namespace" }] };
  const server = createServer(({ url }, response) => {
    const found =
      url === "/api/v1" ? resources : { metadata: { annotations: { "deepflow-otel/stack": "p/s" } } };
    const known = url === "/api/v1" || url === "/api/v1/namespaces/a";
    response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(known ? found : { kind: "Status", code: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const missing = { ...namespace, metadata: { name: "b" } };
  const found = await readObjects([namespace, missing], {
    kubeconfig: pulumi.output(kubeconfig(`http://127.0.0.1:${port}`)),
  });
  server.close();
  expect(found?.map((object) => object?.metadata?.annotations)).toEqual([
    { "deepflow-otel/stack": "p/s" },
    undefined,
  ]);
});
