import type { Quantity } from "../quantity.ts";
import { memorySizes } from "./memory.ts";
import type { WatchScope } from "./topology.ts";

/** What the environment of a Collector's Go runtime is made from. */
export interface GoEnvironmentArgs {
  readonly memoryLimitMib: number;
  readonly cpuLimit: Quantity;
  readonly watches: WatchScope;
}

/**
 * Variables of a Collector's Go runtime (https://pkg.go.dev/runtime#hdr-Environment_Variables).
 *
 * - GOMAXPROCS is the CPU limit. Go would take two where it is one (golang/go issue #73193), and before 1.25
 *   all cores of the node. Half of what its garbage collection took was by processors that had nothing else
 *   to do.
 * - GOGC: garbage is collected when the heap is three times what is in use, not twice, which costs a tenth
 *   less CPU and 10 MiB. A Collector that watches all pods has them in its heap, and keeps Go's 100.
 * - GOMEMLIMIT has it collect earlier as the heap comes near.
 */
export function goEnvironment({ memoryLimitMib, cpuLimit, watches }: GoEnvironmentArgs) {
  return {
    GOMEMLIMIT: memorySizes(memoryLimitMib).goMemLimit,
    GOMAXPROCS: `${Math.max(1, cpuLimit.unitsOrMore)}`,
    ...(watches !== "cluster" && { GOGC: "200" }),
  };
}
