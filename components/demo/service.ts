import type * as k8s from "@pulumi/kubernetes";
import { selectorOf, type Demo, type Row } from "./table.ts";

export type ServiceSpec = k8s.types.input.core.v1.ServiceSpec & { readonly type: Demo["frontEndType"] };

/** The Kubernetes Service in front of a service's pods, or `undefined` for one that nobody calls. */
export function serviceSpec(row: Row): ServiceSpec | undefined {
  const { demo, name, service } = row;
  if (!service.ports) return undefined;
  return { type: name === demo.frontEnd ? demo.frontEndType : "ClusterIP", ...toPods(row) };
}

export function headlessServiceName({ name }: Row): string {
  return `${name}-headless`;
}

/** The headless Service that gives the pods of a StatefulSet their names, as its API demands. */
export function headlessServiceSpec(row: Row): ServiceSpec {
  return { type: "ClusterIP", clusterIP: "None", ...toPods(row) };
}

function toPods({ demo, name, service }: Row): Pick<ServiceSpec, "selector" | "ports"> {
  return {
    selector: selectorOf(demo, name),
    ports: (service.ports ?? []).map(({ number, protocol }) => ({
      name: protocol,
      port: number,
      targetPort: protocol,
      protocol: "TCP",
      appProtocol: protocol,
    })),
  };
}
