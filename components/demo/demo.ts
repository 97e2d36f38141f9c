import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SettingsError } from "../schema/settings-error.ts";
import { Microservice } from "./microservice.ts";
import type { DemoErrors, DemoOutputs, ResolvedDemo } from "./resolve.ts";

/** Passwords by the names that tables give them. One that is `undefined` is generated. */
export type Passwords = Readonly<Record<string, pulumi.Input<string> | undefined>>;

/** Prints a new password: 24 random bytes. Written for any Node that a machine may have. */
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
    const namespace = new k8s.core.v1.Namespace(`${name}-namespace`, resolved.namespace, { parent: this });
    const value = (password: string): pulumi.Output<string> => {
      const given = passwords[password];
      return given === undefined ? this.generated(`${name}-${password}`) : pulumi.secret(given);
    };
    const secrets = resolved.secrets.map(({ resourceName, metadata, passwords: keys }) => {
      const content = Object.entries(keys).map(([key, password]) => [key, value(password)]);
      const stringData = Object.fromEntries(content) as Record<string, pulumi.Output<string>>;
      const opts = { parent: this, dependsOn: namespace };
      return new k8s.core.v1.Secret(`${name}-${resourceName}`, { metadata, stringData }, opts);
    });
    const services = new Map<string, Microservice>();
    for (const { name: serviceName, calls, objects } of resolved.services) {
      const callees = calls.flatMap((callee) => services.get(callee) ?? []);
      const opts = { parent: this, dependsOn: [namespace, ...secrets, ...callees] };
      services.set(serviceName, new Microservice(`${name}-${serviceName}`, { serviceName, objects }, opts));
    }
    this.outputs = resolved.outputs;
    this.registerOutputs({ outputs: this.outputs });
  }

  /** A password that is generated when the stack is created, and kept, encrypted, in its state. */
  private generated(resourceName: string): pulumi.Output<string> {
    return new command.local.Command(
      resourceName,
      {
        create: newPassword,
        update: samePassword,
        // Neither in the engine's log nor, by the environment, in that of anything else.
        logging: "none",
      },
      { parent: this, additionalSecretOutputs: ["stdout"] },
    ).stdout;
  }
}
