/** What the pods of this project's clusters run: real Collectors, and stand-ins for DeepFlow. */
import type { CreatePodRuntime } from "./cluster/node/image-programs.ts";
import { collectorImages } from "./collector-image.ts";
import { deepFlowRuntime } from "./deepflow/pod-runtime.ts";

const createPodRuntime: CreatePodRuntime = ({ otelcols }) => {
  const { programs, ...deepFlow } = deepFlowRuntime();
  return { ...deepFlow, programs: { ...programs, ...collectorImages(otelcols) } };
};

export default createPodRuntime;
