import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../labels.ts";
import { networkPolicySpec } from "./network-policy.ts";
import { claimName, fileKey, podTemplate, type PodTemplateArgs } from "./pod-template.ts";
import { headlessServiceSpec, serviceSpec } from "./service.ts";
import { selectorOf, type Row } from "./table.ts";

/** What a `Microservice` is made from: a row of a demo's table, and where its telemetry goes. */
export interface MicroserviceArgs extends PodTemplateArgs {
  readonly row: Row;
}

/**
 * One row of a demo's table as Kubernetes objects: a Deployment, or a StatefulSet where it keeps data; its Services, NetworkPolicy, files
 * and claim. It is ready when its pods are, so that what depends on it starts after it.
 */
export class Microservice extends pulumi.ComponentResource {
  /** Name of its Service, and its host name for pods of the namespace. */
  readonly serviceName: string;

  constructor(name: string, args: MicroserviceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deepflow-otel:microservice:Microservice", name, {}, opts);

    const { row } = args;
    const { demo, service } = row;
    const { labels } = standardLabels(row.name, "demo", demo.name);
    const metadata = { name: row.name, namespace: demo.namespace, labels };
    const selector = { matchLabels: selectorOf(demo, row.name) };
    const child = { parent: this };

    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      { metadata, spec: networkPolicySpec(row, args.destination) },
      child,
    );
    const before: pulumi.Resource[] = [policy];
    if (service.files) {
      const { configMap, content } = service.files;
      const data = Object.fromEntries(Object.entries(content).map(([path, text]) => [fileKey(path), text]));
      before.push(
        new k8s.core.v1.ConfigMap(
          `${name}-files`,
          { metadata: { ...metadata, name: configMap }, data },
          child,
        ),
      );
    }
    if (service.data && demo.persistence) {
      const { size, storageClass } = demo.persistence;
      before.push(
        new k8s.core.v1.PersistentVolumeClaim(
          `${name}-claim`,
          {
            metadata: {
              ...metadata,
              name: claimName(row.name, demo.persistence),
              // Most classes bind a claim only when a pod uses it, and that pod is not there before the claim.
              annotations: { "pulumi.com/skipAwait": "true" },
            },
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: size } },
              ...(storageClass !== undefined && { storageClassName: storageClass }),
            },
          },
          child,
        ),
      );
    }
    const template = podTemplate(row, args);
    const replicas = service.replicas ?? 1;
    let workload: pulumi.Resource;
    if (service.data) {
      const headless = `${row.name}-headless`;
      before.push(
        new k8s.core.v1.Service(
          `${name}-headless-service`,
          { metadata: { ...metadata, name: headless }, spec: headlessServiceSpec(row) },
          child,
        ),
      );
      workload = new k8s.apps.v1.StatefulSet(
        `${name}-stateful-set`,
        {
          metadata,
          spec: {
            replicas,
            serviceName: headless,
            selector,
            template,
            // Ordered, a pod that never became ready is not replaced by one of a corrected template:
            // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
            podManagementPolicy: "Parallel",
          },
        },
        { ...child, dependsOn: before },
      );
    } else {
      workload = new k8s.apps.v1.Deployment(
        `${name}-deployment`,
        { metadata, spec: { replicas, selector, template } },
        { ...child, dependsOn: before },
      );
    }
    const spec = serviceSpec(row);
    if (spec) {
      new k8s.core.v1.Service(`${name}-service`, { metadata, spec }, { ...child, dependsOn: workload });
    }
    this.serviceName = row.name;

    this.registerOutputs({ serviceName: this.serviceName });
  }
}
