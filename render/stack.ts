import { stackFrom, type Stack } from "../stack.ts";
import { renderFiles, type RenderedFiles } from "./files.ts";
import { commandSteps, hostScripts, kubernetesObjects, registrations } from "./objects.ts";
import { readStackConfig } from "./stack-config.ts";

/**
 * Renders the stack that `Pulumi.<stack>.yaml` in a folder describes.
 *
 * @throws Error, a sentence, if there is no such file; SettingsError, if it does not fit.
 */
export async function renderStack(folder: string, stack: string): Promise<RenderedFiles> {
  const { config, secretKeys } = readStackConfig(folder, stack);
  return renderSettings(config, stack, secretKeys);
}

/**
 * What the stack that `Pulumi.<stack>.yaml` in a folder describes deploys.
 *
 * @throws as `renderStack` does.
 */
export function stackIn(folder: string, stack: string): Stack {
  const { config, secretKeys } = readStackConfig(folder, stack);
  return stackFrom(config, secretKeys);
}

/** Renders a stack from its configuration as Pulumi would hand it over. */
export async function renderSettings(
  config: Readonly<Record<string, string>>,
  stack: string,
  secretKeys?: ReadonlySet<string>,
): Promise<RenderedFiles> {
  const registered = await registrations(stackFrom(config, secretKeys), stack);
  return renderFiles(kubernetesObjects(registered), stack, commandSteps(registered), hostScripts(registered));
}
