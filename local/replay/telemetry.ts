import {
  context,
  diag,
  DiagLogLevel,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanOptions,
} from "@opentelemetry/api";
import type { Sdk } from "../../components/sdk/sdk.ts";
import { errorMessage } from "../cluster/terminal/error-message.ts";
import { endpointSaid, sdkEnvironment } from "./sdk-environment.ts";
import type { Report, SpanId } from "./service-spec.ts";

/** The traces of one service. Without an SDK spans are nothing, and no context is passed on. */
export interface Telemetry {
  /** Does `work` inside a span; an `error` in what it returns is the span's status. */
  inSpan: <T extends { readonly error?: string | undefined }>(
    name: string,
    options: SpanOptions,
    parent: Context,
    work: (span: Span) => Promise<T>,
  ) => Promise<T>;
  /** Sends what is not sent yet. */
  end: () => Promise<Pick<Report, "spans" | "exporterError">>;
}

/**
 * Starts the Node SDK in the place of a service's own, with what that one would read of this process's
 * environment.
 */
export async function startTelemetry(sdk: Sdk | undefined): Promise<Telemetry> {
  const spans: SpanId[] = [];
  const errors = new Set<string>();
  const environment = sdk && sdkEnvironment(sdk, process.env);
  const shutdown = environment && (await startSdk(environment, errors));
  const tracer = trace.getTracer("replay");
  return {
    inSpan: async (name, options, parent, work) => {
      const span = tracer.startSpan(name, options, parent);
      const result = await context.with(trace.setSpan(parent, span), () => work(span));
      if (result.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: result.error });
      const { traceId, spanId } = span.spanContext();
      if (span.isRecording()) spans.push({ traceId, spanId });
      span.end();
      return result;
    },
    end: async () => {
      await shutdown?.();
      if (environment === undefined || errors.size === 0) return { spans };
      return { spans, exporterError: [endpointSaid(environment), ...errors].join("; ") };
    },
  };
}

/** @returns what ends it. */
async function startSdk(
  environment: Readonly<Record<string, string>>,
  errors: Set<string>,
): Promise<() => Promise<void>> {
  for (const name of Object.keys(process.env))
    if (name.startsWith("OTEL_")) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, environment);

  const note = (...parts: unknown[]): void => {
    errors.add(parts.map(errorMessage).join(" "));
  };
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: note, warn: note, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.WARN,
  );
  // Only now: parts of the SDK read the environment when they are loaded.
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  const node = new NodeSDK();
  node.start();
  return () => node.shutdown().catch(note);
}
