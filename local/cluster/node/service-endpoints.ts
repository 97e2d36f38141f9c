import { isIPv4 } from "node:net";
import type { V1EndpointSlice, V1Service } from "@kubernetes/client-node";

/** One TCP port of a Service with a ClusterIP. */
export interface ServicePort {
  /** `namespace/name:port`, unique and readable. */
  id: string;
  address: string;
  port: number;
  /** Whether only endpoints on the client's own node may be chosen. */
  local: boolean;
  endpoints: Endpoint[];
}

/** What kube-proxy's stand-in goes by at this moment (`GET /services`). */
export interface ServicesInForce {
  ports: ServicePort[];
  /** Whether a change is known that is not in force yet. */
  pending: boolean;
}

/** An endpoint that may be chosen, its target port resolved. */
export interface Endpoint {
  address: string;
  port: number;
  node: string | undefined;
  /** Whether its pod is ready. One that is not is terminating and still serves: it is the last resort. */
  ready: boolean;
}

/**
 * Every TCP port that a kube-proxy would serve, with its endpoints. Left out are headless and IPv6 Services,
 * and `default/kubernetes`, whose address the control plane itself listens on.
 */
export function servicePorts(
  services: readonly V1Service[],
  endpointSlices: readonly V1EndpointSlice[],
): ServicePort[] {
  return services.flatMap((service) => {
    const name = service.metadata?.name ?? "";
    const namespace = service.metadata?.namespace ?? "";
    const address = service.spec?.clusterIP ?? "";
    if (!isIPv4(address) || (namespace === "default" && name === "kubernetes")) return [];
    const slices = endpointSlices.filter(
      ({ metadata, addressType }) =>
        addressType === "IPv4" &&
        metadata?.namespace === namespace &&
        metadata.labels?.["kubernetes.io/service-name"] === name,
    );
    return (service.spec?.ports ?? [])
      .filter(({ protocol = "TCP" }) => protocol === "TCP")
      .map((port) => ({
        id: `${namespace}/${name}:${port.port}`,
        address,
        port: port.port,
        local: service.spec?.internalTrafficPolicy === "Local",
        endpoints: slices.flatMap((slice) => usableEndpoints(slice, port.name)),
      }));
  });
}

/** A slice lists its ports once for all its endpoints, under the names that the Service gives them. */
function usableEndpoints(slice: V1EndpointSlice, portName = ""): Endpoint[] {
  const port = slice.ports?.find(({ name = "" }) => name === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions, nodeName }) => {
    const ready = conditions?.ready !== false;
    const lastResort = conditions?.serving === true && conditions.terminating === true;
    if (!ready && !lastResort) return [];
    return addresses.map((address) => ({ address, port, node: nodeName, ready }));
  });
}

/**
 * The endpoint for the connection number `turn` (0, 1, …) of a client on `clientNode`: one after the other,
 * and with `internalTrafficPolicy: Local` only among those of the client's node. Terminating ones only where
 * none is ready, as a kube-proxy does
 * (https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-to-terminating-endpoints). Undefined
 * if there is none.
 */
export function chooseEndpoint(
  { endpoints, local }: Pick<ServicePort, "endpoints" | "local">,
  clientNode: string | undefined,
  turn: number,
): Endpoint | undefined {
  const reachable = local
    ? endpoints.filter(({ node }) => node !== undefined && node === clientNode)
    : endpoints;
  const ready = reachable.filter((endpoint) => endpoint.ready);
  const eligible = ready.length > 0 ? ready : reachable;
  return eligible[turn % eligible.length];
}
