import { describe, expect, test } from "vitest";
import { compared, shop, store, withReport, without } from "./altered.ts";
import type { Material } from "./right-replay.ts";

describe("what a service's sentence says", () => {
  const problemOf = (material: Material, name: string) =>
    compared(material).services.find((service) => service.name === name)?.problem;

  test("what its exporter said", () => {
    const exporterError = "connect ECONNREFUSED 127.0.0.1:4317";
    expect(
      problemOf(withReport(without(store, "cartservice"), "cartservice", { exporterError }), "cartservice"),
    ).toBe(
      "In pod cartservice-pod: Nothing arrived of what it sent (4 spans). Its exporter said: connect ECONNREFUSED 127.0.0.1:4317.",
    );
    expect(problemOf(without(store, "cartservice"), "cartservice")).toMatch(
      "Its exporter reported no error.",
    );
    expect(problemOf(withReport(store, "cartservice", { exporterError }), "cartservice")).toBe(
      "In pod cartservice-pod: Its exporter said: connect ECONNREFUSED 127.0.0.1:4317.",
    );
  });

  test("that its SDK recorded nothing", () => {
    const off = withReport(without(store, "adservice"), "adservice", { spans: [] });
    expect(problemOf(off, "adservice")).toMatch("Nothing arrived, because its SDK recorded nothing.");
  });

  test("what its program says, also without an SDK", () => {
    const problems = ["It does not listen: PORT is x, which is no port."];
    expect(problemOf(withReport(shop, "db-demo", { problems }), "db-demo")).toBe(
      "In pod db-demo-pod: It does not listen: PORT is x, which is no port.",
    );
  });
});
