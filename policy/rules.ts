import type { Finding } from "./finding.ts";
import type { Rendering, Rule } from "./rule.ts";
import { appHostIpInPipelines } from "./rules/app-host-ip.ts";
import { demoEgress } from "./rules/demo-egress.ts";
import { imageTag } from "./rules/image-tag.ts";
import { nodeLocalService } from "./rules/node-local-service.ts";
import { plainSecret } from "./rules/plain-secret.ts";

/** What kube-score cannot know, or says less of. */
const rules: readonly Rule[] = [nodeLocalService, appHostIpInPipelines, imageTag, plainSecret, demoEgress];

/** What is against the project's own rules. */
export function ownFindings(rendering: Rendering): Finding[] {
  return rules.flatMap((rule) => rule(rendering));
}
