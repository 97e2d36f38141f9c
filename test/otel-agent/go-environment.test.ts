import { expect, test } from "vitest";
import { goEnvironment } from "../../components/otel-agent/go-environment.ts";
import { Quantity } from "../../components/quantity.ts";

const environment = (cpu: string, watches: "node" | "cluster" | "none" = "node") => {
  const cpuLimit = Quantity.parse(cpu);
  if (!cpuLimit) throw new Error(`${cpu} is no quantity.`);
  return goEnvironment({ memoryLimitMib: 512, cpuLimit, watches });
};

test("Go runs on as many processors as the CPU limit has room for, one at least", () => {
  const processors = ["0", "100m", "1", "1001m", "2500m", "4"].map((cpu) => environment(cpu).GOMAXPROCS);
  expect(processors).toEqual(["1", "1", "1", "2", "3", "4"]);
});

test("garbage is collected less often, but where all pods are in the heap", () => {
  expect(environment("1", "node")).toEqual({ GOMEMLIMIT: "409MiB", GOMAXPROCS: "1", GOGC: "200" });
  expect(environment("1", "none").GOGC).toBe("200");
  expect(environment("1", "cluster").GOGC).toBeUndefined();
});
