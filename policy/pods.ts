import type { KubernetesObject } from "../render/objects.ts";

/** The parts of a container that rules look at. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers?: readonly Container[];
  readonly volumes?: readonly { readonly configMap?: { readonly name?: string } }[];
}

type Labels = Readonly<Record<string, string>>;

interface PodTemplate {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec?: PodSpec;
}

/** What an object of any kind makes pods from, if it makes any. */
export interface Pods {
  readonly object: KubernetesObject;
  readonly labels: Labels;
  readonly containers: readonly Container[];
  /** Names of the ConfigMaps that are mounted. */
  readonly configMaps: readonly string[];
}

/** The pods that objects stand for: Pods, workloads, Jobs and CronJobs. */
export function podsOf(objects: readonly KubernetesObject[]): Pods[] {
  return objects.flatMap((object) => {
    const { metadata, spec } = templateOf(object) ?? {};
    if (spec === undefined) return [];
    return [
      {
        object,
        labels: metadata?.labels ?? {},
        containers: [...(spec.initContainers ?? []), ...(spec.containers ?? [])],
        configMaps: (spec.volumes ?? []).flatMap(({ configMap }) => configMap?.name ?? []),
      },
    ];
  });
}

/** Whether labels have all that a selector asks for; an empty selector selects everything. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function templateOf(object: KubernetesObject): PodTemplate | undefined {
  type Nested = KubernetesObject & {
    readonly spec?: PodSpec & {
      readonly template?: PodTemplate;
      readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } };
    };
  };
  const { spec } = object as Nested;
  if (object.kind === "Pod") return object as PodTemplate;
  return spec?.template ?? spec?.jobTemplate?.spec?.template;
}
