import { serviceAnnotations } from "../labels.ts";
import { persistentVolumeClaim } from "./claim.ts";
import { filesConfigMap } from "./files.ts";
import { networkPolicySpec } from "./network-policy.ts";
import { podTemplate, type PodTemplateArgs } from "./pod-template.ts";
import { headlessServiceName, headlessServiceSpec, serviceSpec, type ServiceSpec } from "./service.ts";
import { objectMetadata, selectorOf, type Row } from "./table.ts";

/** What a row is in Kubernetes; what it does without is `undefined`. */
export type ServiceObjects = ReturnType<typeof serviceObjects>;

export function serviceObjects(row: Row, args: PodTemplateArgs) {
  const metadata = objectMetadata(row);
  const { data, replicas = 1 } = row.service;
  const pods = {
    replicas,
    selector: { matchLabels: selectorOf(row.demo, row.name) },
    template: podTemplate(row, args),
  };
  const serviceName = headlessServiceName(row);
  const service = serviceSpec(row);
  return {
    name: row.name,
    networkPolicy: { metadata, spec: networkPolicySpec(row, args.destination) },
    configMap: filesConfigMap(row),
    persistentVolumeClaim: persistentVolumeClaim(row),
    headlessService: data && serviceArgs(objectMetadata(row, serviceName), headlessServiceSpec(row)),
    statefulSet: data && {
      metadata,
      // Ordered, a pod that never became ready is not replaced by one of a corrected template:
      // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
      spec: { ...pods, serviceName, podManagementPolicy: "Parallel" },
    },
    deployment: data ? undefined : { metadata, spec: pods },
    service: service && serviceArgs(metadata, service),
  };
}

function serviceArgs(metadata: ReturnType<typeof objectMetadata>, spec: ServiceSpec) {
  return { metadata: { ...metadata, annotations: serviceAnnotations(spec.type) }, spec };
}
