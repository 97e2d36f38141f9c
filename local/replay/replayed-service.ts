import type { ServicePod } from "./service-pods.ts";
import type { Report } from "./service-spec.ts";

/** A pod in which a service of a demo was replayed. */
export interface ReplayedService extends ServicePod {
  readonly report: Report;
  /** Why NetworkPolicies refuse it connections of other services, in sentences, by their names. */
  readonly refusals: Readonly<Record<string, string>>;
}
