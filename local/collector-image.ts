import { defaultVersion, versionOfTag } from "../components/otel-agent/collector-version.ts";
import type { Stack } from "../stack.ts";
import type { ImageProgram, ImagePrograms } from "./cluster/node/image-programs.ts";

/**
 * The Collectors of all distributions, for which the one built here stands in. Entry points and users as in
 * the Dockerfiles of open-telemetry/opentelemetry-collector-releases.
 *
 * @param otelcols the Collectors on this machine, by version.
 */
export function collectorImages(otelcols: Readonly<Record<string, string>>): ImagePrograms {
  const distribution = (name: string): ImageProgram => ({
    name: "otelcol",
    executable: (image) => ({
      file: collectorOf(image, otelcols),
      path: `/${name}`,
      args: ["--config", `/etc/${name}/config.yaml`],
      user: 10001,
    }),
  });
  return {
    "opentelemetry-collector-contrib": distribution("otelcol-contrib"),
    "opentelemetry-collector-k8s": distribution("otelcol-k8s"),
    "opentelemetry-collector": distribution("otelcol"),
  };
}

/**
 * The Collector of the version that `image` is tagged with; of the default version where the tag names none.
 *
 * @throws Error, a sentence, for a version that is not built here: another one in its place would prove
 * nothing.
 */
export function collectorOf(image: string, otelcols: Readonly<Record<string, string>>): string {
  const [, tag = ""] = /:([^/:]*)$/.exec(image.replace(/@.*$/, "")) ?? [];
  const version = versionText(tag);
  const program = otelcols[version];
  if (program !== undefined) return program;
  throw new Error(
    `The image ${image} is a Collector of version ${version}, which is not built here; use one of ${Object.keys(otelcols).join(", ")}, or build all that there are: npm run toolchain.`,
  );
}

/**
 * The version of the Collector that a stack's pods run here: the default one where its image's tag names
 * none.
 */
export function collectorVersionOf({ otelAgent }: Pick<Stack, "otelAgent">): string {
  return versionText(otelAgent?.image?.tag ?? "");
}

function versionText(tag: string): string {
  return versionOfTag(tag)?.join(".") ?? defaultVersion;
}
