import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { goldenStacks } from "../goldens/goldens.ts";
import { registeredUrns, releasedStacks, releasedUrns, UrnCollector, vanished } from "./urns.ts";

test("the URNs of every stack are kept", () => {
  expect(releasedStacks()).toEqual(Object.keys(goldenStacks).sort());
});

test.each(releasedStacks())("stack %s has every resource that it had in the last release", async (stack) => {
  expect(vanished(releasedUrns(stack), await registeredUrns(stack))).toEqual([]);
});

/**
 * A component of type `p:Parent`, its child `p:Child` and the child's child, with what each was called
 * before.
 */
function urnsOf(before: { parent?: pulumi.Alias[]; child?: (pulumi.Alias | string)[] }) {
  const collector = new UrnCollector();
  const [parent, child, leaf] = [{}, {}, {}];
  collector.add({ resource: parent, type: "p:Parent", name: "web", opts: { aliases: before.parent ?? [] } });
  collector.add({
    resource: child,
    type: "p:Child",
    name: "web-db",
    opts: { parent, aliases: before.child ?? [] },
  });
  collector.add({ resource: leaf, type: "p:Leaf", name: "web-db-volume", opts: { parent: child } });
  return collector.urns();
}

const released = ["p:Parent::web", "p:Parent$p:Child::web-db", "p:Parent$p:Child$p:Leaf::web-db-volume"];

test("a resource is known by its parents' types, its own and its name", () => {
  expect(urnsOf({}).flat()).toEqual(released);
});

test("a resource that got another name or type is gone, and a sentence says what to do", () => {
  const [sentence, ...others] = vanished(["p:Parent::shop", ...released], urnsOf({}));
  expect(sentence).toMatch(/^p:Parent::shop is gone: .*`aliases`; .*CHANGELOG\.md\.$/);
  expect(others).toEqual([]);
});

test.each([
  ["name", { child: [{ name: "web-store" }] }, ["p:Parent$p:Child::web-store"]],
  [
    "type",
    { child: [{ type: "p:Store" }] },
    ["p:Parent$p:Store::web-db", "p:Parent$p:Store$p:Leaf::web-db-volume"],
  ],
  [
    "lack of a parent",
    { child: [{ parent: pulumi.rootStackResource }] },
    ["p:Child::web-db", "p:Child$p:Leaf::web-db-volume"],
  ],
  ["whole URN", { child: ["urn:pulumi:dev::p::p:Old$p:Child::db"] }, ["p:Old$p:Child::db"]],
  [
    "parent's name and type, which its children follow",
    { parent: [{ name: "shop", type: "p:Shop" }] },
    ["p:Shop::shop", "p:Shop$p:Child::shop-db", "p:Shop$p:Child$p:Leaf::shop-db-volume"],
  ],
])("by an alias a resource keeps its old %s", (_, before, old) => {
  expect(vanished(old, urnsOf({}))).toHaveLength(old.length);
  expect(vanished([...released, ...old], urnsOf(before))).toEqual([]);
});
