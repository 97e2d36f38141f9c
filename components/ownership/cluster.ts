import type { KubeConfig, KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import type { ClaimedObject, ExistingObject } from "./conflicts.ts";

/** Which cluster: `kubernetes:kubeconfig`, `kubernetes:context` and `kubernetes:cluster` of a stack. */
export interface ClusterSettings {
  /** A kubeconfig's content or path. Default: `KUBECONFIG`, or `~/.kube/config`. */
  readonly kubeconfig?: pulumi.Output<string>;
  readonly context?: string;
  readonly cluster?: string;
}

/** Long enough for a cluster far away; one that does not answer must not hold a preview up. */
const deadlineMs = 5_000;

/**
 * Reads objects from the cluster that a stack deploys to.
 *
 * @returns each in the order asked for, `undefined` for one that is not there or may not be read; or
 *   `undefined` if the cluster cannot be asked. A preview works without one.
 */
export async function readObjects(
  objects: readonly ClaimedObject[],
  settings: ClusterSettings,
): Promise<(ExistingObject | undefined)[] | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, deadlineMs);
  });
  try {
    return await Promise.race([answers(objects, settings), deadline]);
  } catch {
    // Nobody is there, or it lets nobody in: `pulumi up` says so itself, and better.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function answers(objects: readonly ClaimedObject[], settings: ClusterSettings) {
  // It takes half a second to load, which only a stack with something new should wait for.
  const client = await import("@kubernetes/client-node");
  const kubeconfig = settings.kubeconfig && (await plainValue(settings.kubeconfig));
  const config = kubeConfig(new client.KubeConfig(), kubeconfig, settings);
  const api = client.KubernetesObjectApi.makeApiClient(config);
  return await Promise.all(objects.map((object) => readObject(api, object)));
}

function plainValue<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

function kubeConfig(
  config: KubeConfig,
  kubeconfig: string | undefined,
  { context, cluster }: ClusterSettings,
): KubeConfig {
  if (kubeconfig === undefined) config.loadFromDefault();
  else if (/^\s*\{|^\w+:\s/m.test(kubeconfig)) config.loadFromString(kubeconfig);
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  if (cluster !== undefined) {
    const current = config.getCurrentContext();
    config.contexts = config.contexts.map((one) => (one.name === current ? { ...one, cluster } : one));
  }
  return config;
}

async function readObject(
  api: KubernetesObjectApi,
  { apiVersion, kind, metadata }: ClaimedObject,
): Promise<ExistingObject | undefined> {
  try {
    return await api.read<KubernetesObject>({ apiVersion, kind, metadata });
  } catch (error) {
    // An answer, whatever it is, that is not the object.
    if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "number")
      return undefined;
    throw error;
  }
}
