import * as pulumi from "@pulumi/pulumi";
import { importDestination } from "./components/base/exported-destination.ts";
import { fullStackName } from "./components/base/stack-name.ts";
import type { Destination } from "./components/destination.ts";
import { SettingsError } from "./components/schema/settings-error.ts";
import { keyOf } from "./settings.ts";

/**
 * Where a base stack has its applications send to, from the outputs of its last deployment.
 *
 * @param base its name, as `deepflow-otel:base` has it.
 * @throws SettingsError if there is nothing that can be used; it says what to do.
 */
export async function readBaseDestination(base: string): Promise<Destination> {
  const own = { organization: pulumi.getOrganization(), project: pulumi.getProject() };
  const name = fullStackName(base, own);
  if (name === fullStackName(pulumi.getStack(), own)) {
    throw new SettingsError([`${keyOf(["base"])} is ${base}, which is this stack; name another.`]);
  }
  const reference = new pulumi.StackReference(name);
  const { value } = (await reference.getOutputDetails("destination")) as { readonly value?: unknown };
  const imported = importDestination(value, base);
  if ("error" in imported) throw new SettingsError([imported.error]);
  return imported;
}
