import type { Image } from "../image.ts";

/** A released version of the Collector's distributions, `0.149.0` as numbers. */
export type CollectorVersion = readonly [major: number, minor: number, patch: number];

/** How a version of the Collector has to be spoken to. */
export interface ConfigSyntax {
  readonly k8sAttributes: "k8sattributes" | "k8s_attributes";
  readonly otlpHttp: "otlphttp" | "otlp_http";
  /** Whether the exporter's queue batches, or a processor does. */
  readonly batching: "exporter" | "processor";
  /** Whether start-up can wait until the pods are known. */
  readonly waitForMetadata: boolean;
  /**
   * How a Deployment's name is had: by watching ReplicaSets, or from their names, which has to be asked for
   * or is all there is.
   */
  readonly deploymentName: "watched" | "asked" | "always";
}

/** What a version changed, and where that is said. */
export interface VersionRow {
  readonly since: CollectorVersion;
  readonly changes: Partial<ConfigSyntax>;
  readonly source: string;
}

/** The versions, oldest first. A version speaks what all rows up to it changed. */
export const versionRows: readonly VersionRow[] = [
  {
    since: [0, 111, 0],
    changes: {
      k8sAttributes: "k8sattributes",
      otlpHttp: "otlphttp",
      batching: "processor",
      waitForMetadata: false,
      deploymentName: "watched",
    },
    source:
      "`k8s.pod.ip` can be extracted (contrib 0.104.0, PR 33440); `metrics.readers` work (core 0.109.0, PR 11091, and 0.110.0, PR 11093); `ToKeyValueString` (contrib 0.111.0, PR 35409)",
  },
  {
    since: [0, 114, 0],
    changes: { waitForMetadata: true },
    source: "`wait_for_metadata` (contrib 0.114.0, PR 32622)",
  },
  {
    since: [0, 130, 0],
    changes: { batching: "exporter" },
    source: "`sending_queue.batch` with its own sizer (core 0.123.0, PR 12746, and 0.130.0, PR 13313)",
  },
  {
    since: [0, 139, 0],
    changes: { deploymentName: "asked" },
    source: "`deployment_name_from_replicaset` (contrib 0.139.0, PR 42534)",
  },
  {
    since: [0, 144, 0],
    changes: { otlpHttp: "otlp_http" },
    source: "`otlphttp` is called `otlp_http` (core 0.144.0, PR 14396)",
  },
  {
    since: [0, 146, 0],
    changes: { k8sAttributes: "k8s_attributes" },
    source: "`k8sattributes` is called `k8s_attributes` (contrib 0.146.0, PR 45901)",
  },
  {
    since: [0, 160, 0],
    changes: { deploymentName: "always" },
    source:
      "`deployment_name_from_replicaset` is an unknown key (deprecated in contrib 0.153.0, PR 48534; gone from the source of 0.160.0)",
  },
];

/** The oldest version that is spoken to, as people write it. */
export const oldestVersion = (versionRows[0]?.since ?? []).join(".");

/**
 * Versions that the tests run: the default, the newest that still has all of its names, and the newest that
 * could be built.
 */
export const testedVersions: readonly CollectorVersion[] = [
  [0, 149, 0],
  [0, 158, 0],
  [0, 161, 0],
];

/**
 * The version that an image's tag names (`0.149.0`, `v0.149.0-amd64`); `undefined` for a tag that names none.
 */
export function versionOfTag(tag: string): CollectorVersion | undefined {
  const [, major, minor, patch] = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![\d.])/.exec(tag) ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** Version of the Collector that is run when a stack names none. */
export const defaultVersion = "0.149.0";

/** An image with the default version as its tag, unless it says otherwise: by a tag, or by a digest alone. */
export function withDefaultTag(image: Image): Image {
  return image.tag === undefined && image.digest === undefined ? { ...image, tag: defaultVersion } : image;
}

/** The version of an image: as a stack says, else as its tag does; `undefined` where neither does. */
export function versionOf(image: Image, stated: string | undefined): CollectorVersion | undefined {
  return versionOfTag(stated ?? withDefaultTag(image).tag ?? "");
}

/** How a version is spoken to; `undefined` for one that is too old. */
export function configSyntaxOf(version: CollectorVersion): ConfigSyntax | undefined {
  const rows = versionRows.filter(({ since }) => compare(since, version) <= 0);
  if (rows.length === 0) return undefined;
  return Object.assign({}, ...rows.map(({ changes }) => changes)) as ConfigSyntax;
}

/** The tested versions that speak exactly as a row says; a row without any is unproven. */
export function testedIn(row: VersionRow): CollectorVersion[] {
  const next = versionRows[versionRows.indexOf(row) + 1];
  return testedVersions.filter(
    (version) => compare(row.since, version) <= 0 && (next === undefined || compare(version, next.since) < 0),
  );
}

function compare(a: CollectorVersion, b: CollectorVersion): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
