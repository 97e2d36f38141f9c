import type { NodePrograms, Toolchain } from "../cluster/toolchain/toolchain.ts";

/** What the supervisor is told, once, by whoever starts a cluster. */
export interface SuperviseOptions {
  readonly dir: string;
  /** The cgroup of all nodes. */
  readonly cgroup: string;
  readonly nodes: number;
  readonly toolchain: Toolchain;
  readonly programs: NodePrograms;
  /** Archives of the images that pods run. */
  readonly images: readonly string[];
}

/** What the supervisor tells whoever started it. */
export type Report =
  | {
      readonly type: "ready";
      /** By node the process that holds its namespaces, as the supervisor's namespace numbers it. */
      readonly nodes: Readonly<Record<string, number>>;
    }
  | { readonly type: "failed"; readonly message: string };
