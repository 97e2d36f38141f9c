import { Quantity } from "../quantity.ts";
import type { Stage } from "./association.ts";

/** Where spans wait for DeepFlow: in the Collector's memory, in a volume of its pod, or on its node. */
export type QueueStorage = "memory" | "pod" | "node";

/** The exporter's queue, as a stack sets it. */
export interface QueueSettings {
  readonly storage: QueueStorage;
  /** OTLP that may wait. In memory it follows from the memory limit. */
  readonly size?: Quantity | undefined;
}

/** OTLP that a queue on a disk holds unless a stack says otherwise. */
const defaultDiskSize = Quantity.ofMebibytes(256);

/** Name of the storage extension in the Collector's configuration. */
export const storageExtension = "file_storage";

/** Where the queue's volume is mounted. */
export const queueFolder = "/var/lib/otelcol/queue";

/** MiB of OTLP that may wait on a disk; `undefined` for a queue in memory. */
export function diskQueueMib({ storage, size = defaultDiskSize }: QueueSettings): number | undefined {
  return storage === "memory" ? undefined : size.mebibytesWithin;
}

/**
 * The storage of a queue on a disk, which is one bbolt file.
 *
 * Not synced after each write: what a crash of the node would lose is what it had not written yet, and a
 * crash of the Collector loses nothing. A file that grew in an outage is made small again afterwards, and at
 * the start. A damaged one is set aside and a new one begun where bbolt lets the Collector catch that: up to
 * bbolt 1.4 (0.149.0), and not if the file's head is damaged. Otherwise the Collector ends at its start and
 * names the damage, until the file is removed.
 */
export function queueStorage(queue: QueueSettings): Stage[] {
  if (queue.storage === "memory") return [];
  const compaction = { directory: queueFolder, on_start: true, on_rebound: true, cleanup_on_start: true };
  return [
    [storageExtension, { directory: queueFolder, create_directory: false, recreate: true, compaction }],
  ];
}

/**
 * Folder of a node that holds the queue of a stack's Collector. Two pods never have it at once: there is no
 * surge (workload.ts), and bbolt locks the file.
 */
export function nodeQueueFolder(namespace: string): string {
  return `/var/lib/deepflow-otel/${namespace}/otel-agent`;
}
