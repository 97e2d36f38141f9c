import type { Image } from "../../image.ts";
import { inWords, isMap, rule } from "../../schema/setting.ts";
import { defaultVersion, configSyntaxOf, oldestVersion, versionOf } from "../collector-version.ts";
import { exporterProblem } from "../custom-components.ts";

/** Namespaces that every cluster has, so that creating one of them fails. */
const standardNamespaces: readonly unknown[] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** An image as it may have been written; a part of another type is another rule's error. */
interface Given {
  readonly image?: Image;
  readonly version?: string;
  readonly exporters?: unknown;
  readonly namespace?: unknown;
  readonly createNamespace?: unknown;
  readonly selfMetrics?: unknown;
  readonly monitoring?: { readonly prometheusOperator?: unknown; readonly grafanaDashboard?: unknown };
}

/** Rules between the settings of the Collector. */
export const collectorRules = {
  createNamespace: rule<Given>(
    ["createNamespace"],
    ({ namespace, createNamespace }) => createNamespace !== true || !standardNamespaces.includes(namespace),
    ({ namespace }) =>
      `every cluster has the namespace ${inWords(namespace)}; write false, or another namespace`,
  ),
  version: rule<Given>(
    ["version"],
    (given) => !namesVersion(given) || versionOf(given.image, given.version) !== undefined,
    ({ image }) => {
      const reason = image?.tag === undefined ? "a digest alone does" : `the image tag ${image.tag} does`;
      return `${reason} not say the version of the Collector; write it, such as ${defaultVersion}`;
    },
  ),
  oldVersion: rule<Given>(
    ["image", "tag"],
    (given) => {
      const found = namesVersion(given) ? versionOf(given.image, given.version) : undefined;
      return found === undefined || configSyntaxOf(found) !== undefined;
    },
    () =>
      `before ${oldestVersion} a Collector is configured in other ways, and up to 0.103 it cannot extract k8s.pod.ip, which app.host.ip is made from; write ${oldestVersion} or newer`,
  ),
  exporters: rule<Given>(
    ["exporters"],
    ({ exporters }) => problems(exporters, exporterProblem) === "",
    ({ exporters }) => problems(exporters, exporterProblem),
  ),
  monitoring: rule<Given>(
    ["selfMetrics"],
    ({ selfMetrics, monitoring }) =>
      selfMetrics !== false ||
      (monitoring?.prometheusOperator !== true && monitoring?.grafanaDashboard !== true),
    ({ monitoring }) =>
      `monitoring.${monitoring?.prometheusOperator === true ? "prometheusOperator" : "grafanaDashboard"} reads these metrics; write true, or leave monitoring out`,
  ),
};

/** What is wrong with components of a stack's own, in one text; empty if nothing is. */
export function problems(
  components: unknown,
  problemOf: (name: string, config: unknown) => string | undefined,
): string {
  if (!isMap(components)) return "";
  return Object.entries(components)
    .flatMap(([name, config]) => problemOf(name, config) ?? [])
    .join("; and ");
}

/** Whether image and version have their types, so that one can look for the version in them. */
function namesVersion(given: Given): given is Given & { readonly image: Image } {
  const { image, version } = given;
  if (!isMap(image)) return false;
  return [image.tag, version].every((text) => text === undefined || typeof text === "string");
}
