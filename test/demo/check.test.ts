import { describe, expect, test } from "vitest";
import { callGraph } from "../../components/demo/call-graph.ts";
import { tableErrors } from "../../components/demo/check.ts";
import { environment } from "../../components/demo/environment.ts";
import { networkPolicySpec } from "../../components/demo/network-policy.ts";
import { podTemplate } from "../../components/demo/pod-template.ts";
import { sdks } from "../../components/demo/sdk.ts";
import { serviceSpec } from "../../components/demo/service.ts";
import type { Demo, Service } from "../../components/demo/table.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { rowOf, webShop, webStore } from "./demos.ts";

const destination = otelAgentDestination("open-telemetry");

const good: Service = {
  language: "go",
  sdk: sdks.go,
  image: { registry: "docker.io", repository: "example/new", tag: "1.0" },
  ports: [{ number: 9000, protocol: "grpc" }],
  portVariable: "PORT",
  calls: { adservice: { variable: "AD_SERVICE_ADDR" } },
  memoryMib: 64,
};

/** The WebStore with one row more. */
function withRow(row: Partial<Service>, name = "newservice"): Demo {
  const demo = webStore();
  return { ...demo, services: { ...demo.services, [name]: { ...good, ...row } } };
}

describe("a new row", () => {
  test("is all that a new service needs", () => {
    const demo = withRow({});
    const row = rowOf(demo, "newservice");
    expect(tableErrors(demo)).toEqual([]);
    expect(callGraph(demo)).toContainEqual({ from: "newservice", to: "adservice", protocol: "grpc" });
    expect(environment(row, destination)).toEqual(
      expect.arrayContaining([
        { name: "PORT", value: "9000" },
        { name: "AD_SERVICE_ADDR", value: "adservice:9555" },
        { name: "OTEL_SERVICE_NAME", value: "newservice" },
      ]),
    );
    expect(serviceSpec(row)?.ports).toHaveLength(1);
    expect(podTemplate(row, { destination }).spec).toMatchObject({
      containers: [
        {
          name: "newservice",
          image: "docker.io/example/new:1.0",
          livenessProbe: { tcpSocket: { port: "grpc" } },
        },
      ],
    });
    // What it calls lets it in, and nobody else does.
    expect(JSON.stringify(networkPolicySpec(rowOf(demo, "adservice"), destination).ingress)).toContain(
      "newservice",
    );
    expect(JSON.stringify(networkPolicySpec(rowOf(demo, "cartservice"), destination))).not.toContain(
      "newservice",
    );
  });

  test.each([
    [
      { calls: { nobody: { variable: "X" } } },
      /^OTel WebStore, row newservice, calls names nobody, which is no service; write one of frontend, /,
    ],
    [{ calls: { newservice: { variable: "X" } } }, /calls names the service itself; leave it out\.$/],
    [
      { calls: { loadgenerator: { variable: "X" } } },
      /calls names loadgenerator, which has no port; give it one\.$/,
    ],
    [
      {
        ports: [
          { number: 9000, protocol: "grpc" },
          { number: 9000, protocol: "http" },
        ],
      },
      /row newservice, ports has 9000 twice; leave one out\.$/,
    ],
    [
      {
        ports: [
          { number: 9000, protocol: "grpc" },
          { number: 9001, protocol: "grpc" },
        ],
      },
      /ports has two named grpc; a Service needs a name for each\.$/,
    ],
    [
      { ports: [{ number: 80, protocol: "http" }] },
      /ports has 80; write 1024 to 65535, which need no capability\.$/,
    ],
    [
      { image: { registry: "docker.io", repository: "example/new" } },
      /image is example\/new without tag or digest, which would be latest; write one\.$/,
    ],
    [{ language: "java", memoryMib: 256 }, /memoryMib is 256; a JVM needs at least 448\.$/],
    [{ memoryMib: 1.5 }, /memoryMib is 1\.5; write a whole number of MiB\.$/],
    [{ replicas: -1 }, /replicas is -1; write 0 or more\.$/],
    [
      { data: { path: "/data" }, replicas: 2 },
      /replicas is 2, but the service keeps data in one place; write 1\.$/,
    ],
    [{ ports: [] }, /portVariable is PORT, but there is no port; add one, or leave it out\.$/],
    [
      { probes: { liveness: { http: "/healthz" } } },
      /probes use HTTP, and the SDK would make a trace of each request; leave them out\.$/,
    ],
    [{ portVariable: "AD_SERVICE_ADDR" }, /environment sets AD_SERVICE_ADDR twice; leave one out\.$/],
    [
      { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://elsewhere" } },
      /environment sets OTEL_EXPORTER_OTLP_ENDPOINT, which follows from sdk and the destination; leave it out\.$/,
    ],
    [
      { environment: { KEY: { secret: "gift", key: "key" } } },
      /environment\.KEY is the key key of gift, which no row declares; add it to secrets, or write a text\.$/,
    ],
    [
      { calls: { adservice: { registry: "nacos" } } },
      /calls\.adservice asks the registry nacos, where adservice does not register; add registers to its row\.$/,
    ],
  ] as [Partial<Service>, RegExp][])(
    "%j is refused by a sentence that names row and field",
    (row, sentence) => {
      expect(tableErrors(withRow(row))).toEqual([expect.stringMatching(sentence)]);
    },
  );

  test("with a name that is none is refused", () => {
    expect(tableErrors(withRow({}, "New_Service"))).toEqual([
      expect.stringMatching(/name is no name for a Service/),
    ]);
  });

  test("that closes a circle is refused, and the circle named", () => {
    const demo = withRow({ calls: { frontend: { variable: "FRONTEND_ADDR" } } });
    const frontend = rowOf(demo, "frontend").service;
    const calls = { ...frontend.calls, newservice: { variable: "NEW_ADDR" } };
    const circle = { ...demo, services: { ...demo.services, frontend: { ...frontend, calls } } };
    expect(tableErrors(circle)).toEqual([
      "The services of OTel WebStore call each other in a circle, frontend → newservice → frontend; none could start first.",
    ]);
  });
});

test.each([webShop(), webStore(), webStore({ imageSet: "documents", imageTag: "latest" })])(
  "the table of $title is right",
  (demo) => {
    expect(tableErrors(demo)).toEqual([]);
  },
);
