import { expect, test } from "vitest";
import { lookUp, parseInstance, registration, Registry } from "../../../local/replay/registry.ts";

function ask(registry: Registry, { method, path }: { method: string; path: string }): string | undefined {
  return registry.answer(method, path);
}

test("whoever asks for a service gets the address that it registered last", () => {
  const registry = new Registry();
  const addresses = [
    { host: "10.0.0.1", port: 20880 },
    { host: "10.0.0.2", port: 20881 },
    { host: "a&b=c", port: 1 },
  ] as const;
  ask(registry, registration("svc-user", addresses[0]));
  ask(registry, registration("svc-item", addresses[0]));
  ask(registry, registration("svc-item", addresses[1]));
  ask(registry, registration("svc &=?", addresses[2]));
  const found = ["svc-user", "svc-item", "svc &=?", "svc-order"].map((name) =>
    parseInstance(ask(registry, lookUp(name)) ?? ""),
  );
  expect(found).toEqual([...addresses, undefined]);
});

test("other requests are not its own", () => {
  const registry = new Registry();
  expect(registry.answer("GET", "/replay")).toBeUndefined();
  expect(registry.answer("DELETE", lookUp("svc-user").path)).toBeUndefined();
});

test("the answer of somebody who is no registry says no address", () => {
  expect(["", "{}", "<html>", '{"hosts":[]}'].map(parseInstance)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
