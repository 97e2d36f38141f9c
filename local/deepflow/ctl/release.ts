import { existsSync } from "node:fs";

/**
 * Which deepflow-ctl is played: `new` is the newest; `v7.1.8` (and v7.1.6, v7.1.7) lists configurations at a path that
 * servers of the same version no longer have; `old` is v6.6.8; `v6.5.9` is the same, and as from v6.5.6 on it looks for
 * the cluster's certificate, see `complaintOf`; `v6.4.9` is from before v6.5.1, with the headers of tables on stdout.
 */
export const ctlReleases = ["new", "v7.1.8", "old", "v6.5.9", "v6.4.9"] as const;

export type CtlRelease = (typeof ctlReleases)[number];

/** The environment variable that names the release. */
export const releaseVariable = "DEEPFLOW_CTL_GENERATION";

/** @throws Error, a sentence, for a name that is none of a release. */
export function releaseOf(name: string | undefined): CtlRelease {
  const release = ctlReleases.find((release) => release === (name ?? "new"));
  if (release !== undefined) return release;
  throw new Error(`${releaseVariable} is ${name ?? ""}; use one of ${ctlReleases.join(", ")}.`);
}

/** `K8S_CA_CRT_PATH` of server/controller/common (const.go, read and missed in aes.go) of deepflowio/deepflow. */
const certificate = "/run/secrets/kubernetes.io/serviceaccount/ca.crt";

/** What the release says on stderr at every call outside a pod, without meaning anything by it. */
export function complaintOf(release: CtlRelease): string {
  if (release !== "v6.5.9" || existsSync(certificate)) return "";
  return `open ${certificate}: no such file or directory\n`;
}

/** Whether it speaks the language of nested keys. */
export function isNew(release: CtlRelease): boolean {
  return release === "new" || release === "v7.1.8";
}
