import { shortStackName } from "../components/base/stack-name.ts";
import type { Destination } from "../components/destination.ts";
import { SettingsError } from "../components/schema/settings-error.ts";
import { keyOf, parseSettings, type Settings } from "../settings.ts";
import { resolveStack, stackFrom, type Stack } from "../stack.ts";
import { renderFiles, type RenderedFiles } from "./files.ts";
import { commandSteps, hostScripts, kubernetesObjects, registrations } from "./objects.ts";
import { readStackConfig } from "./stack-config.ts";

/**
 * Renders the stack that `Pulumi.<stack>.yaml` in a folder describes.
 *
 * @throws Error, a sentence, if there is no such file; SettingsError, if it does not fit.
 */
export async function renderStack(folder: string, stack: string): Promise<RenderedFiles> {
  return renderResolved(stackIn(folder, stack), stack);
}

/**
 * What the stack that `Pulumi.<stack>.yaml` in a folder describes deploys.
 *
 * @throws as `renderStack` does.
 */
export function stackIn(folder: string, stack: string): Stack {
  const settings = settingsIn(folder, stack);
  const { base } = settings;
  return resolveStack(settings, base === undefined ? undefined : baseDestination(folder, stack, base));
}

/** Where the applications of a base send to, from its own file: what the engine reads from its outputs. */
function baseDestination(folder: string, stack: string, base: string): Destination {
  const settings = settingsIn(folder, shortStackName(base));
  if (settings.base !== undefined) {
    throw new SettingsError([
      `${keyOf(["base"])} of the stack ${stack} is ${base}, which has a base itself; name ${settings.base}.`,
    ]);
  }
  return resolveStack(settings).applications;
}

function settingsIn(folder: string, stack: string): Settings {
  const { config, secretKeys } = readStackConfig(folder, stack);
  return parseSettings(config, secretKeys);
}

/** Renders a stack from its configuration as Pulumi would hand it over. */
export async function renderSettings(
  config: Readonly<Record<string, string>>,
  stack: string,
  secretKeys?: ReadonlySet<string>,
): Promise<RenderedFiles> {
  return renderResolved(stackFrom(config, secretKeys), stack);
}

async function renderResolved(resolved: Stack, stack: string): Promise<RenderedFiles> {
  const registered = await registrations(resolved, stack);
  return renderFiles(kubernetesObjects(registered), stack, commandSteps(registered), hostScripts(registered));
}
