import { dump } from "js-yaml";
import { identity, type HostScript, type KubernetesObject } from "./objects.ts";

/** Path below the output folder → content. */
export type RenderedFiles = ReadonlyMap<string, string>;

/** First line of every rendered file; what starts with it is ours to replace. */
export const header = "# Rendered by deepflow-otel. Change the stack's settings instead, and render again.";

/** Folder of the objects that have no namespace. They come first: Namespaces and RBAC are among them. */
export const clusterFolder = "cluster";

const clusterKinds = ["ClusterRole", "ClusterRoleBinding", "Namespace", "PersistentVolume"];

/**
 * Lays objects out as files, one each: `cluster/` for those without a namespace, a folder per namespace for
 * the rest. Keys are sorted, so that the same settings give the same bytes. A Secret's content is never
 * written; README.md says how to create it, and what `steps` and scripts for hosts there are besides.
 *
 * @throws Error, a sentence, if two objects have one identity, or one lacks its namespace.
 */
export function renderFiles(
  objects: readonly KubernetesObject[],
  stack: string,
  steps: readonly string[] = [],
  scripts: readonly HostScript[] = [],
): RenderedFiles {
  const files = new Map<string, string>();
  const [secrets, others] = partition(objects, ({ kind }) => kind === "Secret");
  for (const object of others) {
    const path = `${folderOf(object)}/${fileName(object)}`;
    if (files.has(path)) throw new Error(`${identity(object)} is registered twice; rename one of the two.`);
    files.set(path, `${header}\n${toYaml(object)}`);
  }
  for (const { name, script } of scripts) files.set(`${name}.sh`, `${header}\n${script}`);
  files.set("README.md", readme(stack, folders(files), secrets, steps, scripts));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The folders in the order in which they must be applied. */
export function folders(files: RenderedFiles): string[] {
  const names = new Set(
    [...files.keys()].filter((path) => path.includes("/")).map((path) => path.split("/")[0] ?? ""),
  );
  return [clusterFolder, ...[...names].filter((name) => name !== clusterFolder).sort()];
}

function folderOf(object: KubernetesObject): string {
  const { namespace } = object.metadata;
  if (clusterKinds.includes(object.kind)) return clusterFolder;
  if (namespace === undefined) {
    throw new Error(
      `${identity(object)} has no metadata.namespace; set it, or list its kind as one without.`,
    );
  }
  return namespace;
}

function fileName({ kind, metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()}-${metadata.name.replaceAll(/[^-.a-z0-9]/gi, "-")}.yaml`;
}

function toYaml(object: KubernetesObject): string {
  return dump(object, { sortKeys: true, noRefs: true, lineWidth: -1 });
}

/** How a stack's folder is applied as an ApplySet, which also prunes what is no longer rendered. */
export function applySetOf(folder: string, stack: string) {
  return { name: `${stack}-deepflow-otel`, namespace: folder === clusterFolder ? "default" : folder };
}

function readme(
  stack: string,
  applied: readonly string[],
  secrets: readonly KubernetesObject[],
  steps: readonly string[],
  scripts: readonly HostScript[],
): string {
  const apply = applied.map((folder) => `kubectl apply --server-side -f ${folder}`);
  const prune = applied.map((folder) => {
    const { name, namespace } = applySetOf(folder, stack);
    return `kubectl apply --server-side -n ${namespace} --prune --applyset=configmaps/${name} -f ${folder}`;
  });
  return [
    `<!-- ${header.slice(2)} -->`,
    `# Stack \`${stack}\``,
    "",
    "The Kubernetes objects of this stack, one file each, for `kubectl` and GitOps tools.",
    "",
    ...(secrets.length > 0 ? [...secretsToCreate(secrets), ""] : []),
    ...(steps.length > 0 ? ["In the program's own folder, once:", "", ...fenced(steps), ""] : []),
    ...(scripts.length > 0
      ? [
          "On hosts outside the cluster, once and after each change:",
          "",
          ...fenced(scripts.map(({ name, command }) => `${command} < ${name}.sh`)),
          "",
        ]
      : []),
    "Apply them from this folder, in this order:",
    "",
    ...fenced(apply),
    "",
    "With ApplySets (kubectl 1.36), which also remove what is no longer rendered:",
    "",
    ...fenced(["export KUBECTL_APPLYSET=true", ...prune]),
    "",
  ].join("\n");
}

function secretsToCreate(secrets: readonly KubernetesObject[]): string[] {
  const commands = secrets.flatMap((secret) => {
    const { data, stringData } = secret as { data?: object; stringData?: object };
    const { annotations } = secret.metadata as { annotations?: Readonly<Record<string, string>> };
    const description = annotations?.["kubernetes.io/description"];
    const keys = Object.keys({ ...data, ...stringData }).sort();
    const literals = keys.map((key) => ` --from-literal=${key}=…`).join("");
    return [
      ...(description === undefined ? [] : [`# ${description}`]),
      `kubectl create secret generic -n ${secret.metadata.namespace ?? "default"} ${secret.metadata.name}${literals}`,
    ];
  });
  return [
    "Secrets are not rendered. Create these yourself, after `cluster`, which brings their namespaces, and before the rest:",
    "",
    ...fenced(commands),
  ];
}

function fenced(lines: readonly string[]): string[] {
  return ["```sh", ...lines, "```"];
}

function partition<T>(items: readonly T[], first: (item: T) => boolean): [T[], T[]] {
  return [items.filter(first), items.filter((item) => !first(item))];
}
