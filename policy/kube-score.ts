import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { kubernetesVersion } from "../local/cluster/toolchain/toolchain-builds.ts";
import { identity, type KubernetesObject } from "../render/objects.ts";
import { findingOf, type Finding } from "./finding.ts";

/**
 * The optional checks that are run. The others demand requests that equal limits: for CPU, which is shared
 * and only slows a pod down, and for a node's disk, of which limits are bounds and not what is used.
 */
const optionalChecks = [
  "container-memory-requests-equal-limits",
  "container-ports-check",
  "container-seccomp-profile",
];

/** Checks that the project's own rules make, and more strictly. */
const replacedChecks = ["container-image-tag"];

/** kube-score's grade for "all good"; less is a warning (5) or critical (1). */
const allGood = 10;

const scores = z.array(
  z.looseObject({
    type_meta: z.looseObject({ kind: z.string() }),
    object_meta: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
    checks: z.array(
      z.looseObject({
        check: z.looseObject({ id: z.string() }),
        skipped: z.boolean(),
        grade: z.number(),
        comments: z
          .array(
            z.looseObject({
              path: z.string().optional(),
              summary: z.string(),
              description: z.string().optional(),
            }),
          )
          .nullish(),
      }),
    ),
  }),
);

/**
 * Runs kube-score over objects and returns what it finds. Secrets are left out: it has no check for them.
 *
 * @param program path of kube-score.
 * @throws Error, a sentence with what it said, if it does not answer.
 */
export async function kubeScoreFindings(
  program: string,
  objects: readonly KubernetesObject[],
): Promise<Finding[]> {
  const judged = objects.filter(({ kind }) => kind !== "Secret");
  if (judged.length === 0) return [];
  const args = [
    "score",
    "-",
    "--output-format=json",
    // It takes `v1.36`, without the patch.
    `--kubernetes-version=${kubernetesVersion.split(".").slice(0, 2).join(".")}`,
    // An object must not be able to excuse itself.
    "--disable-ignore-checks-annotations",
    "--disable-optional-checks-annotations",
    ...optionalChecks.map((check) => `--enable-optional-test=${check}`),
    ...replacedChecks.map((check) => `--ignore-test=${check}`),
  ];
  const child = spawn(program, args, { stdio: "pipe" });
  // It may end without having read everything; its exit tells why.
  child.stdin.on("error", () => undefined);
  // JSON is YAML.
  child.stdin.end(judged.map((object) => JSON.stringify(object)).join("\n---\n"));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return parseScores(stdout, stderr, judged);
}

/** Its findings about objects, from what it printed. Exported for its test. */
export function parseScores(stdout: string, stderr: string, objects: readonly KubernetesObject[]): Finding[] {
  const parsed = scores.safeParse(jsonOf(stdout));
  if (!parsed.success) {
    throw new Error(`kube-score did not answer with its scores; it said: ${(stderr || stdout).trim()}`);
  }
  const byIdentity = new Map(objects.map((object) => [identity(object), object]));
  return parsed.data.flatMap(({ type_meta: { kind }, object_meta: { name, namespace }, checks }) => {
    const found = { apiVersion: "", kind, metadata: { name, ...(namespace && { namespace }) } };
    const object = byIdentity.get(identity(found)) ?? found;
    return checks
      .filter(({ skipped, grade }) => !skipped && grade < allGood)
      .flatMap(({ check, comments }) =>
        (comments ?? []).map(({ path, summary, description = "" }) =>
          findingOf(
            `kube-score/${check.id}`,
            object,
            sentence(summary),
            sentence(description),
            path === undefined || path === "" ? undefined : `container ${path}`,
          ),
        ),
      );
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
