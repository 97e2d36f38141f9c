import { homedir } from "node:os";
import type { KubectlOptions } from "./kubernetes/kubectl.ts";

/**
 * The cluster that a stack's `kubernetes:context` and `kubernetes:kubeconfig` name, which is the one that
 * Pulumi deploys to. A kubeconfig whose content stands in the stack's file, or that is encrypted there, is
 * not read: kubectl takes files.
 */
export function stackContext(
  config: Readonly<Record<string, string>>,
  secretKeys: ReadonlySet<string>,
): Pick<KubectlOptions, "kubeconfig" | "context"> {
  const [context, kubeconfig] = [config["kubernetes:context"], config["kubernetes:kubeconfig"]];
  const isFile =
    kubeconfig !== undefined && !secretKeys.has("kubernetes:kubeconfig") && !/[\n{]/.test(kubeconfig);
  return {
    ...(context !== undefined && { context }),
    ...(isFile && { kubeconfig: kubeconfig.replace(/^~(?=\/)/, homedir()) }),
  };
}
