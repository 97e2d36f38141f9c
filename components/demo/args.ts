import type { z } from "zod";
import type { Destination } from "../destination.ts";
import type { Image } from "../image.ts";
import type { QuantityInput } from "../quantity.ts";
import { parseArgs } from "../schema/args.ts";
import type { DemoContext } from "./resolve.ts";
import type { Demo, Persistence } from "./table.ts";

/** What is replaced of one service. */
export interface ServiceOverride {
  /** Parts of its image; a `tag`, `digest` or `repository` of its own says which one is pulled. */
  readonly image?: ImageOverride | undefined;
  /** Memory limit, a quantity such as `512Mi`; a JVM's heap follows from it. Default: the table's. */
  readonly memory?: QuantityInput | undefined;
}

/** Parts of an image that replace a table's. */
export type ImageOverride = { readonly [Part in Exclude<keyof Image, "architecture">]?: string | undefined };

/** Arguments of every demo's component. */
export interface DemoArgs {
  /**
   * Where its services send their spans, such as the `destination` of an `OtelAgent`. It has no default: only
   * the program knows what receives spans in its cluster, and a wrong guess would lose them without an error.
   */
  readonly destination: Destination;
  /** Replaces the registries of all images, for example by a mirror. Default: each image's own. */
  readonly imageRegistry?: string | undefined;
  /** Address of DeepFlow's Grafana, for the link in `outputs`. Default: `http://localhost:3000`. */
  readonly grafanaUrl?: string | undefined;
  /** Namespace of the demo, which it creates and owns. Default: that of DeepFlow's documents. */
  readonly namespace?: string | undefined;
  /** Type of the front end's Service. Default: `ClusterIP`; others are open to whoever reaches a node. */
  readonly frontEndType?: Demo["frontEndType"] | undefined;
  /** The load generator: its pods (0 to 100, default 1) and the users that each simulates (default 1). */
  readonly loadGenerator?:
    { readonly replicas?: number | undefined; readonly users?: number | undefined } | undefined;
  /** What is replaced of single services, by their names. */
  readonly services?: Readonly<Record<string, ServiceOverride>> | undefined;
  /** Architecture of its pods' nodes; `any` for images that are built for several. Default: the images'. */
  readonly architecture?: "amd64" | "arm64" | "any" | undefined;
  /** Volumes for what it stores, of `size` (default `1Gi`). Default: none; data ends with its pods. */
  readonly persistence?:
    (Partial<Omit<Persistence, "size">> & { readonly size?: QuantityInput | undefined }) | undefined;
  /** Whether a service whose SDK cannot send to the destination is an error. Default: it is only listed. */
  readonly allServicesTraced?: boolean | undefined;
}

/** Address of Grafana where `kubectl port-forward -n deepflow service/deepflow-grafana 3000:80` brings it. */
export const defaultGrafanaUrl = "http://localhost:3000";

/**
 * Arguments of a demo's component, taken apart and completed with the defaults that its settings have.
 *
 * @param component its class, for sentences.
 * @throws SettingsError with a sentence for each argument that cannot be used.
 */
export function parseDemoArgs<Schema extends z.ZodType>(
  schema: Schema,
  { destination, imageRegistry, grafanaUrl = defaultGrafanaUrl, ...given }: DemoArgs,
  component: string,
): { readonly settings: z.output<Schema>; readonly context: DemoContext } {
  const settings = parseArgs(schema, given, component);
  return { settings, context: { destination, imageRegistry, grafanaUrl } };
}
