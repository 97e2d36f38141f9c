import type * as k8s from "@pulumi/kubernetes";
import { persistentVolumeClaim } from "./claim.ts";
import { filesConfigMap } from "./files.ts";
import { networkPolicySpec } from "./network-policy.ts";
import { podTemplate, type PodTemplateArgs } from "./pod-template.ts";
import { headlessServiceName, headlessServiceSpec, serviceSpec } from "./service.ts";
import { objectMetadata, selectorOf, type Row } from "./table.ts";

/** The Kubernetes objects of one row; `undefined` for those that it does without. */
export interface ServiceObjects {
  readonly networkPolicy: k8s.networking.v1.NetworkPolicyArgs;
  /** Its files. */
  readonly configMap: k8s.core.v1.ConfigMapArgs | undefined;
  readonly persistentVolumeClaim: k8s.core.v1.PersistentVolumeClaimArgs | undefined;
  readonly headlessService: k8s.core.v1.ServiceArgs | undefined;
  /** The workload of a service that keeps data. */
  readonly statefulSet: k8s.apps.v1.StatefulSetArgs | undefined;
  /** The workload of any other. */
  readonly deployment: k8s.apps.v1.DeploymentArgs | undefined;
  readonly service: k8s.core.v1.ServiceArgs | undefined;
}

/** What a row is in Kubernetes. */
export function serviceObjects(row: Row, args: PodTemplateArgs): ServiceObjects {
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
    networkPolicy: { metadata, spec: networkPolicySpec(row, args.destination) },
    configMap: filesConfigMap(row),
    persistentVolumeClaim: persistentVolumeClaim(row),
    headlessService: data && { metadata: objectMetadata(row, serviceName), spec: headlessServiceSpec(row) },
    statefulSet: data && {
      metadata,
      // Ordered, a pod that never became ready is not replaced by one of a corrected template:
      // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
      spec: { ...pods, serviceName, podManagementPolicy: "Parallel" },
    },
    deployment: data ? undefined : { metadata, spec: pods },
    service: service && { metadata, spec: service },
  };
}
