import { parseSettings, type Settings } from "../settings.ts";
import { renderFiles, type RenderedFiles } from "./files.ts";
import { commandSteps, kubernetesObjects, registrations } from "./objects.ts";
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
 * The settings of the stack that `Pulumi.<stack>.yaml` in a folder describes.
 *
 * @throws as `renderStack` does.
 */
export function stackSettings(folder: string, stack: string): Settings {
  const { config, secretKeys } = readStackConfig(folder, stack);
  return parseSettings(config, secretKeys);
}

/** Renders a stack from its configuration as Pulumi would hand it over. */
export async function renderSettings(
  config: Readonly<Record<string, string>>,
  stack: string,
  secretKeys?: ReadonlySet<string>,
): Promise<RenderedFiles> {
  const registered = await registrations(parseSettings(config, secretKeys), stack);
  return renderFiles(kubernetesObjects(registered), stack, commandSteps(registered));
}
