import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses to let `pulumi destroy` take a base stack away while a stack that builds on it has resources. It
 * depends on what the others need, so that it goes first, and does nothing until then.
 */
export class BaseGuard extends pulumi.ComponentResource {
  constructor(name: string, stack: string, opts?: pulumi.ComponentResourceOptions) {
    super("deepflow-otel:base:BaseGuard", name, {}, opts);
    new command.local.Command(
      `${name}-may-go`,
      { delete: `npm run --silent base -- may-go ${stack}`, logging: "stderr" },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
