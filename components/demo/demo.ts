import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotations } from "../ownership/annotation.ts";
import { SettingsError } from "../schema/settings-error.ts";
import { Microservice } from "./microservice.ts";
import type { DemoErrors, DemoOutputs, ResolvedDemo } from "./resolve.ts";

/** Passwords by the names that tables give them. One that is `undefined` is generated. */
export type Passwords = Readonly<Record<string, pulumi.Input<string> | undefined>>;

/**
 * Prints a new password, 24 random bytes, which the stack's state keeps encrypted. For any Node there may be.
 */
const newPassword = `node -e "process.stdout.write(require('crypto').randomBytes(24).toString('base64url'))"`;

/** Prints the one from before: a database that exists keeps its password. */
const samePassword = `node -e "process.stdout.write(process.env.PULUMI_COMMAND_STDOUT)"`;

/** A demo in a cluster: its namespace, its Secrets, and its services, each after those that it calls. */
export abstract class DemoComponent extends pulumi.ComponentResource {
  /** Where its front end and its traces are to be found. */
  readonly outputs: DemoOutputs;

  /** @throws SettingsError with every sentence if the demo cannot be deployed; nothing is registered then. */
  protected constructor(
    type: string,
    name: string,
    resolved: ResolvedDemo | DemoErrors,
    passwords: Passwords,
    opts: pulumi.ComponentResourceOptions | undefined,
  ) {
    if ("errors" in resolved) throw new SettingsError(resolved.errors);
    super(type, name, {}, opts);
    const { metadata } = resolved.namespace;
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { ...metadata, annotations: ownerAnnotations() } },
      { parent: this },
    );
    const value = (password: string): pulumi.Output<string> => {
      const given = passwords[password];
      if (given !== undefined) return pulumi.secret(given);
      // Neither in the engine's log nor, by the environment, in that of anything else.
      const args = { create: newPassword, update: samePassword, logging: "none" } as const;
      const opts = { parent: this, additionalSecretOutputs: ["stdout"] };
      return new command.local.Command(`${name}-${password}`, args, opts).stdout;
    };
    const secrets = resolved.secrets.map(({ resourceName, metadata, passwords: keys }) => {
      const content = Object.entries(keys).map(([key, password]) => [key, value(password)]);
      const stringData = Object.fromEntries(content) as Record<string, pulumi.Output<string>>;
      const opts = { parent: this, dependsOn: namespace };
      return new k8s.core.v1.Secret(`${name}-${resourceName}`, { metadata, stringData }, opts);
    });
    const services = new Map<string, Microservice>();
    for (const { calls, ...objects } of resolved.services) {
      const callees = calls.flatMap((callee) => services.get(callee) ?? []);
      const opts = { parent: this, dependsOn: namespace };
      const service = new Microservice(`${name}-${objects.name}`, objects, [...secrets, ...callees], opts);
      services.set(objects.name, service);
    }
    this.outputs = resolved.outputs;
    this.registerOutputs({ outputs: this.outputs });
  }
}
