import { describe, expect, test } from "vitest";
import { ensureKubeScore, missingKubeScore } from "../../local/cluster/toolchain/toolchain.ts";
import { judged, unusedAcceptances } from "../../policy/acceptance.ts";
import { accepted } from "../../policy/accepted.ts";
import { findingsIn } from "../../policy/check.ts";
import type { Finding } from "../../policy/finding.ts";
import { kubeScoreFindings } from "../../policy/kube-score.ts";
import { goldenStacks } from "../goldens/goldens.ts";
import { sample, withChange } from "../policy/renderings.ts";

const missing = missingKubeScore();
if (missing !== undefined) console.warn(`kube-score is not run. ${missing}`);

/** How many images with the tag `latest`, which is against a rule, sample stacks ask for. */
const latestImages: Readonly<Record<string, number>> = { gateway: 1, demos: 10 };

describe.skipIf(missing !== undefined)(
  `policy${missing === undefined ? "" : `, skipped: ${missing}`}`,
  () => {
    test("every sample stack passes, and every accepted finding is still found in one", async () => {
      const kubeScore = await ensureKubeScore({ progress: false });
      const all: Finding[] = [];
      for (const stack of Object.keys(goldenStacks)) {
        const findings = await findingsIn(await sample(stack), kubeScore);
        all.push(...findings);
        const { open } = judged(findings, accepted);
        const latest = open.filter(
          ({ rule, problem }) => rule === "image-tag" && problem.endsWith("has the tag latest."),
        );
        expect(latest, stack).toHaveLength(latestImages[stack] ?? 0);
        expect(
          open.filter((finding) => !latest.includes(finding)),
          stack,
        ).toEqual([]);
      }
      // No sample stack has gateways of a version that their image's tag names.
      const gateways = withChange(await sample("gateway"), "Deployment", "otel-agent", ":latest", ":0.161.0");
      const ofGateways = await findingsIn(gateways, kubeScore);
      expect(judged(ofGateways, accepted).open).toEqual([]);
      expect(unusedAcceptances([...all, ...ofGateways], accepted)).toEqual([]);
    });

    test("kube-score names the object, the container and the check", async () => {
      const kubeScore = await ensureKubeScore({ progress: false });
      const { objects } = withChange(
        await sample("default"),
        "DaemonSet",
        "otel-agent",
        '"readOnlyRootFilesystem":true',
        '"readOnlyRootFilesystem":false',
      );
      const { open } = judged(await kubeScoreFindings(kubeScore, objects), accepted);
      expect(open).toMatchObject([
        {
          rule: "kube-score/container-security-context-readonlyrootfilesystem",
          object: "DaemonSet open-telemetry/otel-agent, container otel-agent",
          component: "opentelemetry-collector",
        },
      ]);
    });

    test("an object that kube-score cannot read is an error with what it said", async () => {
      const kubeScore = await ensureKubeScore({ progress: false });
      const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" }, spec: "none" };
      await expect(kubeScoreFindings(kubeScore, [object])).rejects.toThrow(/^kube-score did not answer/);
    });
  },
);
