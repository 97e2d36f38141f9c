import { readBy, type Sdk } from "../../components/sdk/sdk.ts";

/**
 * The `OTEL_*` variables with which the Node SDK does what a service's own SDK would do with the environment
 * of its pod: those that this one reads, and those that turn off what only the Node SDK does by itself. Any
 * other of the pod's must be deleted.
 */
export function sdkEnvironment(sdk: Sdk, environment: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    OTEL_TRACES_EXPORTER: "otlp",
    ...readBy(sdk, Object.fromEntries(given) as Record<string, string>),
    // There is nothing to be measured or logged here.
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_NODE_RESOURCE_DETECTORS: "env",
    // Milliseconds that an export may take with all its retries: whoever watches should not wait long for an
    // endpoint where nobody is.
    OTEL_EXPORTER_OTLP_TIMEOUT: "4000",
  };
}

/** What such an environment says of where spans go, a phrase. */
export function endpointSaid(environment: Readonly<Record<string, string>>): string {
  const names = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
  const name = names.find((one) => environment[one] !== undefined);
  return name === undefined
    ? "no variable that the SDK reads says where to send"
    : `${name} is ${withoutPassword(environment[name] ?? "")}`;
}

function withoutPassword(url: string): string {
  return url.replace(/:\/\/[^/@]*@/, "://…@");
}
