import { demoOutputs } from "./components/demo/resolve.ts";
import { endpointUrl, protocolsWithBaseUrl, tracesUrl, type Destination } from "./components/destination.ts";
import { demosOf, type Stack } from "./stack.ts";

/**
 * What to do once a stack is up, one text for each step, in the order in which people take them. All of it is
 * known before: a preview says the same.
 *
 * @param name the stack's name, as commands take it.
 */
export function nextSteps(stack: Stack, name: string): string[] {
  const demos = demosOf(stack).map(({ demo, ...context }) => demoOutputs(demo, context));
  return [
    `Send: ${waysIn(stack.applications)}.`,
    `Connect an application: npm run connect -- --stack ${name} prints the lines to add to a pod, for each language; docs/applications.md explains them.`,
    ...demos.map(({ portForward }) => `Make requests to a demo: ${portForward}`),
    `Verify: npm run verify -- --stack ${name} asks DeepFlow whether spans arrive with their pod.`,
    ...(demos.length > 0
      ? demos.map(({ dashboard }) => `Look: ${dashboard}`)
      : [`Look: the dashboard Distributed Tracing in DeepFlow's Grafana, ${stack.grafanaUrl}`]),
  ];
}

/** Where SDKs send to, by what they have to be told. */
function waysIn(applications: Destination): string {
  const ways = protocolsWithBaseUrl(applications).map(
    (protocol) => `OTLP over ${protocol} to ${endpointUrl(applications, protocol)}`,
  );
  return ways.length > 0 ? ways.join(", or ") : `OTLP over http/protobuf to ${tracesUrl(applications)}`;
}
