import type { Demo, Row } from "../../components/demo/table.ts";
import { rows } from "../../components/demo/table.ts";
import { stackFrom } from "../../stack.ts";

/** The WebShop of a stack with these settings of it. */
export function webShop(settings: object = {}, topology = "agent"): Demo {
  return demoOf("springBootWebShop", settings, topology);
}

/** The WebStore of a stack with these settings of it. */
export function webStore(settings: object = {}, topology = "agent"): Demo {
  return demoOf("otelWebStore", settings, topology);
}

function demoOf(key: "springBootWebShop" | "otelWebStore", settings: object, topology: string): Demo {
  const config = { "deepflow-otel:topology": topology, [`deepflow-otel:${key}`]: JSON.stringify(settings) };
  const found = stackFrom(config).demos[key];
  if (!found) throw new Error(`There is no ${key}.`);
  return found.demo;
}

/** One row of a demo. */
export function rowOf(demo: Demo, name: string): Row {
  const row = rows(demo).find((one) => one.name === name);
  if (!row) throw new Error(`${demo.title} has no ${name}.`);
  return row;
}
