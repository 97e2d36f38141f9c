import { expect, test } from "vitest";
import { tableOf } from "../../bench/tables.ts";
import { startOrder } from "../../components/demo/call-graph.ts";
import { serviceObjects } from "../../components/demo/objects.ts";
import { demoErrors } from "../../components/demo/resolve.ts";
import { rows, type Demo } from "../../components/demo/table.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { webStore } from "./demos.ts";

/** How often fields of a demo's services are read when it is resolved, for each service. */
function readsPerService(services: number): number {
  let reads = 0;
  const counted = <T extends object>(object: T): T =>
    new Proxy(object, {
      get: (target, key) => {
        reads += 1;
        return Reflect.get(target, key) as unknown;
      },
    });
  const original: Demo = { ...webStore(), ...tableOf(services) };
  const entries = Object.entries(original.services).map(([name, service]) => [name, counted(service)]);
  const demo = { ...original, services: counted(Object.fromEntries(entries) as Demo["services"]) };
  const destination = otelAgentDestination("open-telemetry");
  expect(demoErrors(demo, { destination })).toEqual([]);
  startOrder(demo);
  for (const row of rows(demo)) serviceObjects(row, { destination });
  return reads / services;
}

test("a service of a large demo is not looked at more often than one of a small demo", () => {
  expect(readsPerService(200)).toBeLessThan(1.1 * readsPerService(50));
});
