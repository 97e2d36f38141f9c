import * as pulumi from "@pulumi/pulumi";
import { deploy } from "../program.ts";
import { project } from "../settings.ts";
import type { Stack } from "../stack.ts";
import { identity, type KubernetesObject } from "./kubernetes-object.ts";

export { identity, type KubernetesObject };

/** A resource as the program registered it. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a stack registers, without an engine; see `registrationsOf`. */
export function registrations(stack: Stack, name: string): Promise<Registration[]> {
  return registrationsOf(() => deploy(stack), name);
}

/**
 * Runs a program without an engine, under the SDK's own test runtime, and returns what it registers. The
 * runtime is one for the whole process: calls must not overlap.
 */
export async function registrationsOf(program: () => unknown, name: string): Promise<Registration[]> {
  const registered: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs: revealed(inputs) as Record<string, unknown> });
        return { id: name, state: { ...outputsOf(type), ...(inputs as Record<string, unknown>) } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    project,
    name,
  );
  pulumi.runtime.setAllConfig({});
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program()));
  await pulumi.runtime.disconnect();
  return registered;
}

/**
 * Stands for what a Command printed, which a rendering does not run; JSON, as which the program reads some of
 * it.
 */
const printedByCommand = "{}";

function outputsOf(type: string): Record<string, unknown> {
  return type === "command:local:Command" ? { stdout: printedByCommand } : {};
}

/** The Kubernetes objects that a stack registers; calls must not overlap. */
export async function objectsOf(stack: Stack, name: string): Promise<KubernetesObject[]> {
  return kubernetesObjects(await registrations(stack, name));
}

/** The Kubernetes objects among the registrations, in an order that does not depend on the run. */
export function kubernetesObjects(registered: readonly Registration[]): KubernetesObject[] {
  return registered
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => withoutPulumiAnnotations(inputs as unknown as KubernetesObject))
    .sort((a, b) => (identity(a) < identity(b) ? -1 : 1));
}

/** Annotations such as `pulumi.com/skipAwait` tell Pulumi's provider how to proceed, and nobody else. */
function withoutPulumiAnnotations<T extends KubernetesObject>(object: T): T {
  const { annotations = {}, ...metadata } = object.metadata as T["metadata"] & { annotations?: object };
  const others = Object.entries(annotations).filter(([name]) => !name.startsWith("pulumi.com/"));
  const kept = others.length === 0 ? {} : { annotations: Object.fromEntries(others) };
  return { ...object, metadata: { ...metadata, ...kept } };
}

/**
 * What a stack does besides Kubernetes objects, as commands for a shell: those of its Commands that write
 * something and would take it back. A value that only the engine knows is left out.
 */
export function commandSteps(registered: readonly Registration[]): string[] {
  return registered
    .filter(({ type, inputs }) => type === "command:local:Command" && inputs["delete"] !== undefined)
    .map(({ inputs }) => {
      const environment = Object.entries((inputs["environment"] ?? {}) as Record<string, unknown>)
        .filter(
          (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== printedByCommand,
        )
        .map(([name, value]) => `${name}='${value}' `);
      return `${environment.join("")}${String(inputs["create"])}`;
    });
}

/** What is done on a host, and the command that does it there; the script comes on standard input. */
export interface HostScript {
  readonly name: string;
  readonly command: string;
  readonly script: string;
}

/** The scripts among the registrations that run on other machines. */
export function hostScripts(registered: readonly Registration[]): HostScript[] {
  return registered
    .filter(({ type }) => type === "command:remote:Command")
    .map(({ name, inputs }) => {
      const { user, host, port } = inputs["connection"] as Readonly<Record<string, unknown>>;
      const command = `ssh -p ${String(port)} ${String(user)}@${String(host)} ${String(inputs["create"])}`;
      return { name, command, script: String(inputs["stdin"]) };
    });
}

/**
 * The marker that the SDK wraps around a secret value on its way to the engine (`sdk/nodejs/runtime/rpc.ts`).
 */
const secretMarker = "4dabf18193072939515e22adb298388d";

function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (secretMarker in value && "value" in value) return revealed(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
}
