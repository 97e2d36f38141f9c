import { defaultVersion, versionOfTag } from "../../../components/otel-agent/collector-version.ts";

/** What really runs in place of an image; every other container stays simulated. */
export type Program = "otelcol" | "door" | "controller";

/** What a pod gets from an image when it does not say otherwise. */
export interface ImageDefaults {
  program: Program;
  /** Where the image has its program, which is also its entry point. */
  path: string;
  /** Arguments used when the pod names neither command nor args. */
  args: string[];
  /** User and group id that the image runs as. */
  user: number;
}

/**
 * By the last part of the repository. Entry points and users as in the Dockerfiles of
 * open-telemetry/opentelemetry-collector-releases; all distributions are stood in for by the one built here.
 */
const images: Record<string, ImageDefaults> = {
  "opentelemetry-collector-contrib": collector("otelcol-contrib"),
  "opentelemetry-collector-k8s": collector("otelcol-k8s"),
  "opentelemetry-collector": collector("otelcol"),
  "deepflow-agent": { program: "door", path: "/bin/deepflow-agent", args: [], user: 0 },
  "deepflow-server": { program: "controller", path: "/bin/deepflow-server", args: [], user: 0 },
};

function collector(name: string): ImageDefaults {
  return {
    program: "otelcol",
    path: `/${name}`,
    args: ["--config", `/etc/${name}/config.yaml`],
    user: 10001,
  };
}

/**
 * The Collector of the version that `image` is tagged with; of the default version where the tag names none.
 *
 * @throws Error, a sentence, for a version that is not built here: another one in its place would prove nothing.
 */
export function collectorOf(image: string, otelcols: Readonly<Record<string, string>>): string {
  const [, tag = ""] = /:([^/:]*)$/.exec(image.replace(/@.*$/, "")) ?? [];
  const version = versionOfTag(tag)?.join(".") ?? defaultVersion;
  const program = otelcols[version];
  if (program !== undefined) return program;
  throw new Error(
    `The image ${image} is a Collector of version ${version}, which is not built here; use one of ${Object.keys(otelcols).join(", ")}.`,
  );
}

/** A regular expression for the references of images that a process runs for. */
export const processImagePattern = `(^|/)(${Object.keys(images).join("|")})([:@].*)?$`;

/** The program that stands for `image` (registry, tag and digest do not matter), or undefined if it is only simulated. */
export function programOf(image: string): ImageDefaults | undefined {
  const repository = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return images[repository.slice(repository.lastIndexOf("/") + 1)];
}
