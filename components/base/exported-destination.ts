import { z } from "zod";
import type { Destination } from "../destination.ts";

/**
 * Version of what a stack exports as `destination`. It grows when a reader of before would misunderstand it.
 */
const version = 1;

/** A Destination as a stack exports it, for the stacks that have it as their base. */
export interface ExportedDestination extends Destination {
  readonly version: number;
}

const endpoint = z.object({
  port: z.int(),
  targetPort: z.int(),
  tracesPath: z.string().exactOptional(),
});

const destinationSchema = z.object({
  host: z.string().min(1),
  scheme: z.enum(["http", "https"]).exactOptional(),
  pods: z
    .object({
      namespace: z.string(),
      selector: z.record(z.string(), z.string()).exactOptional(),
    })
    .exactOptional(),
  endpoints: z.object({ grpc: endpoint.exactOptional(), "http/protobuf": endpoint.exactOptional() }),
});

/** What a stack exports as `destination`. */
export function exportDestination(destination: Destination): ExportedDestination {
  return { version, ...destination };
}

/**
 * The Destination of a base stack, as another stack reads it.
 *
 * @param exported the base's output `destination`.
 * @returns the Destination, or a sentence that says why it cannot be used and what to do.
 */
export function importDestination(exported: unknown, base: string): Destination | { readonly error: string } {
  if (exported === undefined || exported === null) {
    return {
      error: `The stack ${base} has no output destination: it is not deployed, was deployed by a version of this program that exports none, or has a base itself; run \`pulumi up --stack ${base}\`, or name a stack that has Collectors.`,
    };
  }
  const { version: given } = z.object({ version: z.unknown() }).catch({ version: undefined }).parse(exported);
  if (typeof given === "number" && given > version) {
    return {
      error: `The stack ${base} exports its destination in version ${given}, and this program understands ${version}; use the version of the program that deployed ${base}.`,
    };
  }
  const parsed = destinationSchema.safeParse(exported);
  if (given !== version || !parsed.success) {
    return {
      error: `The stack ${base} exports a destination that this program does not understand (version ${given === undefined ? "missing" : JSON.stringify(given)}); run \`pulumi up --stack ${base}\` with this version of the program.`,
    };
  }
  const { endpoints } = parsed.data;
  if (Object.keys(endpoints).length === 0) {
    return {
      error: `The stack ${base} exports a destination that accepts no protocol; give it Collectors (topology agent or gateway).`,
    };
  }
  return parsed.data;
}
