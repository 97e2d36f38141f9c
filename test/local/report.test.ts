import { expect, test } from "vitest";
import type { ComparedService } from "../../local/replay/compared-services.ts";
import { servicesTable } from "../../local/terminal/report.ts";

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
