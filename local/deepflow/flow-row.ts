import type { ResourceTags } from "./knowledge-graph.ts";
import type { L7FlowLog } from "./l7-flow-log.ts";

/** What a row was made from: 0 network packets, 3 eBPF, 4 an OpenTelemetry span (l7_signal_source). */
export type SignalSource = 0 | 3 | 4;

/** A row of l7_flow_log with its times and tags, as the querier reads it. */
export interface FlowRow extends Omit<L7FlowLog, "tapSide"> {
  signalSource: SignalSource;
  /** `c-app`, `s-app` and `app` of OpenTelemetry, `c-p` and `s-p` of eBPF, `c` and `s` of the network. */
  tapSide: string;
  /** Microseconds since 1970. */
  startTimeUs: number;
  endTimeUs: number;
  /** What DeepFlow knew of ip0 and ip1 when the row was written. */
  tags0: ResourceTags;
  tags1: ResourceTags;
}
