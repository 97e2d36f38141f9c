import { portOf, rows, serviceNameOf, type Demo, type Protocol } from "./table.ts";

/** One service calls another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  /** The service that tells the caller where the callee is, where no variable does. */
  readonly registry?: string;
}

/** Who calls whom: what traces have to show, and all that network policies allow within a demo. */
export function callGraph(demo: Demo): Edge[] {
  return rows(demo).flatMap(({ name, service }) =>
    Object.entries(service.calls ?? {}).flatMap(([to, call]) => {
      const protocol = portOf(demo.services[to])?.protocol;
      if (protocol === undefined) return [];
      return [{ from: name, to, protocol, ...("registry" in call && { registry: call.registry }) }];
    }),
  );
}

const callers = new WeakMap<Demo, ReadonlyMap<string, readonly string[]>>();

/**
 * The services that call each service, by its name. Worked out once for a demo: each of its services asks,
 * and a demo does not change.
 */
export function callersIn(demo: Demo): ReadonlyMap<string, readonly string[]> {
  const known = callers.get(demo);
  if (known) return known;
  const found = new Map<string, string[]>();
  for (const { from, to } of callGraph(demo)) found.set(to, [...(found.get(to) ?? []), from]);
  callers.set(demo, found);
  return found;
}

/** `service.name` of all services whose spans are to be expected. */
export function tracedServices(demo: Demo): string[] {
  return rows(demo)
    .filter(({ service }) => service.sdk !== undefined && service.replicas !== 0)
    .map(serviceNameOf)
    .sort();
}

/**
 * The services so that each comes after all that it calls: the order in which they are started.
 *
 * @throws Error, a sentence, if services call each other in a circle.
 */
export function startOrder(demo: Demo): string[] {
  const order = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (order.has(name)) return;
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(" → ");
      throw new Error(
        `The services of ${demo.title} call each other in a circle, ${circle}; none could start first.`,
      );
    }
    for (const callee of Object.keys(demo.services[name]?.calls ?? {})) visit(callee, [...path, name]);
    order.add(name);
  };
  for (const name of Object.keys(demo.services)) visit(name, []);
  return [...order];
}
