import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { dump, load } from "js-yaml";
import { imagePattern } from "./image-programs.ts";
import type { ImagePrograms } from "./image-programs.ts";

/** A Stage of KWOK (kwok.x-k8s.io/v1alpha1), as far as it is edited here. */
interface Stage {
  spec: {
    resourceRef: { kind: string };
    selector: { matchExpressions: { key: string; operator: string; values?: string[] }[] };
  };
}

/**
 * Selects pods with a container that a process runs for. Keys are jq expressions:
 * https://kwok.sigs.k8s.io/docs/user/stages-configuration
 */
function imagesWithProgram(programs: ImagePrograms): string {
  const images = ".spec | (.containers, (.initContainers // [])) | .[] | .image";
  return `${images} | select(test(${JSON.stringify(imagePattern(programs))}))`;
}

/**
 * Writes KWOK's stages as the simulated nodes need them, and returns the files. A pod that a process runs for
 * is KWOK's only until it has its addresses: whether it is ready, and when it is gone, is up to the kubelet.
 *
 * @param files KWOK's own stages, which simulate every other pod from its start to its end.
 * @param dir folder to write to.
 */
export function writeStages(files: readonly string[], programs: ImagePrograms, dir: string): string[] {
  const withProgram = imagesWithProgram(programs);
  mkdirSync(dir, { recursive: true });
  const simulated = files.map((file) => {
    const stage = load(readFileSync(file, "utf8")) as Stage;
    if (stage.spec.resourceRef.kind === "Pod")
      stage.spec.selector.matchExpressions.push({ key: withProgram, operator: "DoesNotExist" });
    return [basename(file), stage] as const;
  });
  return [...simulated, ["pod-assigned.yaml", podAssigned(withProgram)] as const].map(([name, stage]) => {
    const path = join(dir, name);
    writeFileSync(path, dump(stage, { lineWidth: -1 }));
    return path;
  });
}

/** A pod of a process gets its addresses, and is running but not ready. */
const podAssigned = (withProgram: string) => ({
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "Stage",
  metadata: { name: "pod-assigned" },
  spec: {
    resourceRef: { apiGroup: "v1", kind: "Pod" },
    selector: {
      matchExpressions: [
        { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
        { key: ".status.phase", operator: "In", values: ["Pending"] },
        { key: withProgram, operator: "Exists" },
      ],
    },
    next: {
      statusTemplate: `{{ $now := Now }}
{{ $pod := . }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
- type: Initialized
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
- type: Ready
  status: "False"
  lastTransitionTime: {{ $now | Quote }}
- type: ContainersReady
  status: "False"
  lastTransitionTime: {{ $now | Quote }}
{{ with NodeIPsWith $pod.spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith $pod.spec.nodeName ( or $pod.spec.hostNetwork false ) ( or $pod.metadata.uid "" ) ( or $pod.metadata.name "" ) ( or $pod.metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
`,
    },
  },
});
