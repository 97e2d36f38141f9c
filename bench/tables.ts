import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { DemoComponent } from "../components/demo/demo.ts";
import { resolveDemo, type DemoContext } from "../components/demo/resolve.ts";
import { sdks } from "../components/demo/sdk.ts";
import { demoSettings } from "../components/demo/settings.ts";
import type { Service, Table } from "../components/demo/table.ts";
import { otelAgentDestination } from "../components/otel-agent/destination.ts";
import { renderFiles } from "../render/files.ts";
import { kubernetesObjects, registrationsOf } from "../render/objects.ts";
import { spread, type Spread } from "./statistics.ts";

/** What a demo of one size takes, in milliseconds for each of its services. */
export interface TableCost {
  readonly services: number;
  /** From its table to what is to be registered. */
  readonly resolve: Spread;
  /** From its table to files. */
  readonly render: Spread;
}

export interface TablesResult {
  readonly rounds: number;
  readonly tables: readonly TableCost[];
}

/** Services of the demos that are measured. */
const sizes = [20, 100, 200, 500];

const settings = z.object(demoSettings("many-services")).parse({});

const context: DemoContext = {
  destination: otelAgentDestination("open-telemetry"),
  grafanaUrl: "http://grafana.deepflow",
};

/** A table of so many services, each of which calls two others that call two others. */
export function tableOf(services: number): Table {
  const names = Array.from({ length: services }, (_, index) => `svc-${index}`);
  const row = (index: number): Service => {
    const callees = [2 * index + 1, 2 * index + 2].filter((callee) => callee < services);
    return {
      language: "java",
      sdk: sdks.javaAgent2,
      image: { registry: "docker.io", repository: `example/svc-${index}`, tag: "1.0" },
      ports: [{ number: 8080, protocol: "http" }],
      portVariable: "SERVER_PORT",
      calls: Object.fromEntries(
        callees.map((callee) => [`svc-${callee}`, { variable: `SVC_${callee}_URL`, as: "url" as const }]),
      ),
      memoryMib: 512,
    };
  };
  return {
    name: "many-services",
    title: `demo of ${services} services`,
    services: Object.fromEntries(names.map((name, index) => [name, row(index)])),
    frontEnd: "svc-0",
  };
}

class ManyServices extends DemoComponent {
  constructor(table: Table, opts?: pulumi.ComponentResourceOptions) {
    super("bench:tables:ManyServices", table.name, resolveDemo(table, settings, context), {}, opts);
  }
}

/** How long demos of different sizes take to resolve and to render, without an engine. */
export async function measureTables(
  rounds: number,
  onProgress: (text: string) => void,
): Promise<TablesResult> {
  const measured = sizes.map((services) => ({
    services,
    resolve: [] as number[],
    render: [] as number[],
  }));
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { services, resolve, render } of measured) {
      onProgress(`round ${round} of ${rounds}: a demo of ${services} services`);
      const table = tableOf(services);
      const begun = performance.now();
      resolveDemo(table, settings, context);
      const resolved = performance.now();
      const registered = await registrationsOf(() => new ManyServices(table), "bench");
      renderFiles(kubernetesObjects(registered), "bench");
      const rendered = performance.now();
      if (round === 0) continue;
      resolve.push((resolved - begun) / services);
      render.push((rendered - resolved) / services);
    }
  }
  return {
    rounds,
    tables: measured.map(({ services, resolve, render }) => ({
      services,
      resolve: spread(resolve),
      render: spread(render),
    })),
  };
}
