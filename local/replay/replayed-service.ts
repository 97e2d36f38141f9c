import type { CastMember } from "./cast.ts";
import type { Report } from "./part.ts";

/** A pod in which a service of a demo was replayed. */
export interface ReplayedService extends CastMember {
  readonly report: Report;
  /** Why NetworkPolicies refuse it connections of other services, in sentences, by their names. */
  readonly refusals: Readonly<Record<string, string>>;
}
