import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../labels.ts";
import { deployDemo, type DemoArgs, type DemoOutputs } from "../demo/demo.ts";
import type { Demo } from "../demo/table.ts";
import type { SpringBootWebShopSettings } from "./settings.ts";
import { secrets } from "./table.ts";

/** What a `SpringBootWebShop` is made from. */
export interface SpringBootWebShopArgs extends DemoArgs {
  readonly demo: Demo;
  readonly database: SpringBootWebShopSettings["database"];
}

/** Prints a new password: 24 random bytes. Written for any Node that a machine may have. */
const newPassword = `node -e "process.stdout.write(require('crypto').randomBytes(24).toString('base64url'))"`;

/** Prints the one from before: whatever changes about the command, a database that exists keeps its password. */
const samePassword = `node -e "process.stdout.write(process.env.PULUMI_COMMAND_STDOUT)"`;

/** The Spring Boot WebShop: five Java services behind a shop, whose traces the OpenTelemetry Java agent makes. */
export class SpringBootWebShop extends pulumi.ComponentResource {
  readonly outputs: DemoOutputs;

  constructor(name: string, args: SpringBootWebShopArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deepflow-otel:spring-boot-webshop:SpringBootWebShop", name, {}, opts);
    const { demo, database } = args;
    const { labels } = standardLabels("db-demo", "demo", demo.name);

    this.outputs = deployDemo(name, demo, args, this, (namespace) => {
      const secret = (
        part: string,
        secretName: string,
        description: string,
        stringData: Record<string, pulumi.Input<string>>,
      ) =>
        new k8s.core.v1.Secret(
          `${name}-${part}`,
          {
            metadata: {
              name: secretName,
              namespace: demo.namespace,
              labels,
              annotations: { "kubernetes.io/description": description },
            },
            stringData,
          },
          { parent: this, dependsOn: namespace },
        );
      return [
        secret("database-root", secrets.root.name, "The password that MySQL's root is to have; choose any.", {
          [secrets.root.password]: this.rootPassword(name, database.rootPassword),
        }),
        secret(
          "database-users",
          secrets.users.name,
          "The passwords of the database users mydemo and nacos; each is the user's own name, unless the image is another.",
          {
            [secrets.users.mydemo]: pulumi.secret(database.mydemoPassword),
            [secrets.users.nacos]: pulumi.secret(database.nacosPassword),
          },
        ),
      ];
    });
    this.registerOutputs({ outputs: this.outputs });
  }

  /** The stack's own, or one that is generated when the stack is created, and kept, encrypted, in its state. */
  private rootPassword(name: string, given: string | undefined): pulumi.Output<string> {
    if (given !== undefined) return pulumi.secret(given);
    return new command.local.Command(
      `${name}-root-password`,
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
