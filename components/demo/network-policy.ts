import type * as k8s from "@pulumi/kubernetes";
import { egressTo, type Destination } from "../destination.ts";
import { dnsEgress, tcp } from "../network-policy.ts";
import { callersIn } from "./call-graph.ts";
import { canReach } from "./environment.ts";
import { portOf, selectorOf, type Row, type Service } from "./table.ts";

/**
 * What a service may receive and send: the edges of the call graph, DNS, and telemetry if it has any. Probes
 * need no rule. The front end is open to the world where the demo's settings say so.
 */
export function networkPolicySpec(
  row: Row,
  destination: Destination,
): k8s.types.input.networking.v1.NetworkPolicySpec {
  const { demo, name, service } = row;
  const callers = callersIn(demo).get(name) ?? [];
  const callees = Object.keys(service.calls ?? {}).filter((callee) => portOf(demo.services[callee]));
  const pods = (services: readonly string[]) =>
    services.map((one) => ({ podSelector: { matchLabels: selectorOf(demo, one) } }));
  const ports = (one: Service | undefined) => (one?.ports ?? []).map(({ number }) => tcp(number));
  const open = name === demo.frontEnd && demo.frontEndType !== "ClusterIP";
  const ingress = open
    ? [{ ports: ports(service) }]
    : callers.length > 0
      ? [{ from: pods(callers), ports: ports(service) }]
      : [];
  return {
    podSelector: { matchLabels: selectorOf(demo, name) },
    policyTypes: ["Ingress", "Egress"],
    // No rule at all admits nobody; the API server does not store an empty list.
    ...(ingress.length > 0 && { ingress }),
    egress: [
      ...callees.map((callee) => ({
        to: pods([callee]),
        ports: ports(demo.services[callee]),
      })),
      ...(canReach(row, destination) ? [egressTo(destination)] : []),
      dnsEgress(),
    ],
  };
}
