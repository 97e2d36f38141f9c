import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { deploy } from "../../program.ts";
import { registrationsOf } from "../../render/objects.ts";
import { stackIn } from "../../render/stack.ts";
import { goldenStacks } from "../goldens/goldens.ts";

/**
 * What a resource answers to in a stack's state, each as the end of a URN: the types of its parents and its
 * own, joined by `$`, and its name. The first is its own, the others are its aliases.
 */
export type Urns = readonly [own: string, ...aliases: string[]];

const folder = join(import.meta.dirname, "released");

/** The resources that a stack of the goldens registers now. */
export async function registeredUrns(stack: string): Promise<Urns[]> {
  const resolved = stackIn(goldenStacks[stack] ?? "", stack);
  const collector = new UrnCollector();
  await registrationsOf(() => {
    pulumi.runtime.registerStackTransformation((args) => {
      collector.add(args);
      return undefined;
    });
    deploy(resolved);
  }, stack);
  return collector.urns();
}

/** The resources that a stack of the goldens had in the last release. */
export function releasedUrns(stack: string): string[] {
  const path = join(folder, `${stack}.txt`);
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

/** The stacks whose URNs are kept. */
export function releasedStacks(): string[] {
  return readdirSync(folder)
    .map((file) => file.replace(/\.txt$/, ""))
    .sort();
}

/** A sentence for each released URN that no resource answers to any more. */
export function vanished(released: readonly string[], registered: readonly Urns[]): string[] {
  const answered = new Set(registered.flat());
  return released
    .filter((urn) => !answered.has(urn))
    .map(
      (urn) =>
        `${urn} is gone: a stack of the last release would delete that object, and create another where it was only renamed. Give the resource that takes its place the old name, type or parent in \`aliases\`; if it is to be deleted, take the line out of test/urns/released and say so in CHANGELOG.md.`,
    );
}

/** The end of a URN in its parts. */
interface Identity {
  /** Types of the parents, each with a `$` behind it. */
  readonly parents: string;
  readonly type: string;
  readonly name: string;
}

/**
 * Where a child of a resource is, or was under one of the resource's aliases, and what its name was there.
 */
interface Place {
  readonly parents: string;
  readonly named: (child: string) => string;
}

/** A resource with its options. Which one it is matters, and not what it is. */
interface Constructed {
  readonly resource: object;
  readonly type: string;
  readonly name: string;
  readonly opts: { readonly parent?: object; readonly aliases?: pulumi.ResourceOptions["aliases"] };
}

/**
 * Works out URNs and aliases as the engine does
 * (https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/).
 */
export class UrnCollector {
  readonly #identities = new Map<object, readonly Identity[]>();

  /** A parent is constructed, and so added, before its children. */
  add({ resource, type, name, opts }: Constructed): void {
    const at = (places: readonly Place[], type: string, name: string) =>
      places.map(({ parents, named }) => ({ parents, type, name: named(name) }));
    const places = this.#places(opts.parent);
    const aliases = (opts.aliases ?? []).flatMap((alias) => {
      if (typeof alias === "string") return parsed(alias);
      const { type: oldType = type, name: oldName = name, ...other } = alias as pulumi.Alias;
      if (typeof oldType !== "string" || typeof oldName !== "string" || typeof other.parent === "string")
        throw new Error(
          `An alias of ${name} is not known without the engine; write its name and type as texts, and its parent as a resource.`,
        );
      const oldPlaces = "parent" in other ? this.#places(other.parent) : places;
      return at(oldPlaces, oldType, oldName);
    });
    this.#identities.set(resource, [...at(places, type, name), ...aliases]);
  }

  urns(): Urns[] {
    return [...this.#identities.values()].map(
      (all) => all.map(({ parents, type, name }) => `${parents}${type}::${name}`) as unknown as Urns,
    );
  }

  /** The places of a resource's children; the stack itself is no part of their URNs. */
  #places(parent: object | undefined): Place[] {
    const identities = (parent && this.#identities.get(parent)) ?? [];
    const [now] = identities;
    if (!now) return [{ parents: "", named: (child) => child }];
    return identities.map(({ parents, type, name }) => ({
      parents: `${parents}${type}$`,
      // A child that is named after its parent was named after the parent's old name.
      named: (child) => (child.startsWith(now.name) ? name + child.slice(now.name.length) : child),
    }));
  }
}

function parsed(urn: string): Identity {
  const [, path = "", name = ""] = /^urn:pulumi:.+?::.+?::(.+)::(.+)$/.exec(urn) ?? [];
  const start = path.lastIndexOf("$") + 1;
  return { parents: path.slice(0, start), type: path.slice(start), name };
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  const lost: string[] = [];
  for (const stack of Object.keys(goldenStacks)) {
    const registered = await registeredUrns(stack);
    lost.push(...vanished(releasedUrns(stack), registered));
    const all = new Set([...releasedUrns(stack), ...registered.map(([own]) => own)]);
    writeFileSync(join(folder, `${stack}.txt`), `${[...all].sort().join("\n")}\n`);
  }
  console.log("test/urns/released has every resource of now, and all that were there before.");
  for (const sentence of lost) console.error(sentence);
  if (lost.length > 0) process.exitCode = 1;
}
