import type { Toolchain } from "../toolchain/toolchain.ts";

/** What the launcher is told, once, by whoever starts a cluster. */
export interface LaunchOptions {
  name: string;
  dir: string;
  socketDir: string;
  nodes: number;
  /** Whether anything runs beside etcd and the API server. */
  controllers: boolean;
  toolchain: Toolchain;
  /** Path of the module whose default export makes what pods run; absent where all of them stay simulated. */
  podRuntime?: string | undefined;
  /** Ports of Services that lead out of the cluster. */
  publish: readonly string[];
  /** Whether the cluster ends with the process that started it. */
  tied: boolean;
}

/** What the supervisor is told, once, by the launcher. */
export interface SuperviseOptions extends LaunchOptions {
  /** The port on 127.0.0.1, outside the namespace, that leads to the API server. */
  apiPort: number;
}

/** What the supervisor tells the launcher, and the launcher whoever started it. */
export type Report = { type: "ready" } | { type: "failed"; message: string };

/** Asks the supervisor to stop everything in order. */
export const stopMessage = "stop";
