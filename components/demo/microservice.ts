import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceObjects } from "./objects.ts";

type ResourceClass<Args> = new (
  name: string,
  args: Args,
  opts: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/**
 * One row of a demo's table in a cluster. It is ready when its pods are, so that what depends on it starts
 * after it.
 */
export class Microservice extends pulumi.ComponentResource {
  /** Name of its Service, and its host name for pods of the namespace. */
  readonly serviceName: string;

  /**
   * @param startAfter what its pods start after, the services that it calls for one. Its other objects do not
   *   wait for that: a chain of calls is as slow as the sum of its links.
   */
  constructor(
    name: string,
    objects: ServiceObjects,
    startAfter: readonly pulumi.Resource[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("deepflow-otel:microservice:Microservice", name, {}, opts);
    const register = <Args>(
      Type: ResourceClass<Args>,
      suffix: string,
      args: Args | undefined,
      dependsOn: pulumi.Resource[] = [],
    ) => (args === undefined ? [] : [new Type(`${name}-${suffix}`, args, { parent: this, dependsOn })]);
    const needed = [
      ...register(k8s.networking.v1.NetworkPolicy, "network-policy", objects.networkPolicy),
      ...register(k8s.core.v1.ConfigMap, "files", objects.configMap),
      ...register(k8s.core.v1.PersistentVolumeClaim, "claim", objects.persistentVolumeClaim),
      ...register(k8s.core.v1.Service, "headless-service", objects.headlessService),
    ];
    const before = [...needed, ...startAfter];
    register(k8s.apps.v1.StatefulSet, "stateful-set", objects.statefulSet, before);
    register(k8s.apps.v1.Deployment, "deployment", objects.deployment, before);
    // A load balancer waits for pods, so that none of them may wait for it.
    register(k8s.core.v1.Service, "service", objects.service);
    this.serviceName = objects.name;
    this.registerOutputs({ serviceName: this.serviceName });
  }
}
