import { describe, expect, test } from "vitest";
import type { ComparedService } from "../../../local/replay/compared-services.ts";
import type { Replay } from "../../../local/replay/replay.ts";
import { replayReport, servicesTable } from "../../../local/report/terminal-report.ts";
import { webStore } from "../../demo/demos.ts";

const cart: ComparedService = {
  name: "cartservice",
  serviceName: "cartservice",
  language: "dotnet",
  pod: "cartservice-0",
  node: "node-1",
  podIp: "10.244.1.7",
  sent: 4,
  received: 4,
  appHostIps: ["10.244.1.7"],
};
const redis: ComparedService = {
  ...cart,
  name: "redis-cart",
  serviceName: undefined,
  sent: 0,
  received: 0,
  appHostIps: [],
};

test("a service that is right, one that is not, and one without an SDK have a line each", () => {
  const lost = { ...cart, received: 0, appHostIps: [], problem: "None of the 4 spans that it sent arrived." };
  const lines = servicesTable([cart, lost, redis]).split("\n");
  expect(lines[2]).toMatch(/cartservice +│ node-1 │ 10\.244\.1\.7 +│ 4 +│ 4 +│ right/);
  expect(lines[3]).toMatch(/\(nothing arrived\) │ 4 +│ 0 +│ wrong/);
  expect(lines[4]).toMatch(/redis-cart +│ node-1 │ no SDK +│ +│ +│ right/);
});

test("in a narrow window each service is a block of lines that fit", () => {
  const lines = servicesTable([cart, redis], 40).split("\n");
  expect(lines.filter((line) => line.length > 40)).toEqual([]);
  expect(lines).toContain("Service: cartservice");
  expect(lines).toContain("app.host.ip: no SDK");
});

describe("the report of replays", () => {
  const edge = { from: "frontend", to: "cartservice", protocol: "grpc", state: "seen", calls: 1 } as const;
  const right: Replay = {
    demo: webStore(),
    services: [cart],
    edges: [edge, { ...edge, from: "a", to: "b", state: "untraced", calls: 0 }],
    problems: [],
    replayed: [],
    trace: [],
  };

  test("counts the calls, names those that no span can show, and says that all is right", () => {
    const report = replayReport([right]);
    expect(report).toContain(
      "OTel WebStore: 1 of 2 calls are in its trace; not in it: a → b, where no service has an SDK",
    );
    expect(report).toMatch(/Every span arrived in DeepFlow/);
  });

  test("lists everything that is wrong, and then does not say that anything is right", () => {
    const missing = { ...edge, state: "missing", calls: 0 } as const;
    const strange = { ...edge, from: "x", state: "unexpected" } as const;
    const wrong = {
      ...right,
      edges: [missing, strange],
      problems: ["frontend → cartservice: no span shows it."],
    };
    const report = replayReport([right, wrong]);
    expect(report).toContain("OTel WebStore: 0 of 1 calls are in its trace");
    expect(report).toContain("Not everything is right:\n  - frontend → cartservice: no span shows it.");
    expect(report).not.toContain("Every span arrived");
  });
});
