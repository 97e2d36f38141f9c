import { execFile } from "node:child_process";
import { z } from "zod";

/** How a cluster is reached by kubectl. */
export interface KubectlOptions {
  /** Name or path of the program; `kubectl` on PATH unless told otherwise. */
  readonly program?: string | undefined;
  /** Path of a kubeconfig; kubectl's own choice unless told otherwise. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Ends what runs. */
  readonly signal?: AbortSignal | undefined;
}

/** Objects that steps look at, as the API server has them. */
export interface Kubernetes {
  /** All objects of these resources (`deployments`, `pods`) in a namespace. */
  list(resources: readonly string[], namespace: string): Promise<LiveObject[]>;
}

const labels = z.record(z.string(), z.string()).optional();

const liveObject = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    generation: z.number().optional(),
    labels,
  }),
  spec: z.looseObject({ replicas: z.number().optional() }).optional(),
  status: z
    .looseObject({
      observedGeneration: z.number().optional(),
      replicas: z.number().optional(),
      readyReplicas: z.number().optional(),
      availableReplicas: z.number().optional(),
      updatedReplicas: z.number().optional(),
      desiredNumberScheduled: z.number().optional(),
      numberAvailable: z.number().optional(),
      updatedNumberScheduled: z.number().optional(),
      phase: z.string().optional(),
      conditions: z
        .array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .optional(),
      containerStatuses: z
        .array(
          z.looseObject({
            ready: z.boolean(),
            state: z
              .looseObject({
                waiting: z
                  .object({ reason: z.string().optional(), message: z.string().optional() })
                  .optional(),
              })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  endpoints: z
    .array(z.looseObject({ conditions: z.looseObject({ ready: z.boolean().optional() }).optional() }))
    .nullish(),
});

/** As much of an object as steps read. */
export type LiveObject = z.output<typeof liveObject>;

const list = z.object({ items: z.array(liveObject) });

/** The arguments that every call of kubectl begins with. */
export function kubectlArgs({ kubeconfig, context }: KubectlOptions): string[] {
  return [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
}

/** A cluster by kubectl, which knows every way to log in. Calls throw an Error, a sentence. */
export function kubectlCluster(options: KubectlOptions): Kubernetes {
  const { program = "kubectl", signal } = options;
  return {
    async list(resources, namespace) {
      const args = ["get", resources.join(","), "-n", namespace, "-o", "json", "--request-timeout=20s"];
      const output = await new Promise<string>((resolve, reject) => {
        const settings = { maxBuffer: 256 * 1024 * 1024, ...(signal && { signal }) };
        execFile(program, [...kubectlArgs(options), ...args], settings, (error, stdout, stderr) => {
          if (!error) resolve(stdout);
          else reject(new Error(failure(program, args, error, stderr), { cause: error }));
        });
      });
      return list.parse(JSON.parse(output)).items;
    },
  };
}

/** What to say of a kubectl that did not do it. */
export function failure(
  program: string,
  args: readonly string[],
  error: Error & { code?: unknown },
  stderr: string,
): string {
  if (error.code === "ENOENT")
    return `There is no ${program} here; install kubectl, or name it with --kubectl.`;
  const said = stderr.trim().split("\n").at(-1);
  return `\`kubectl ${args.join(" ")}\` failed: ${said || error.message}`;
}
