import { bool } from "../../schema/primitives.ts";
import { setting, settingsWithDefaults } from "../../schema/setting.ts";

/** Receivers besides OTLP's (`otelAgent.receivers`). */
export const receivers = settingsWithDefaults(
  {
    jaeger: settingsWithDefaults(
      {
        enabled: setting(
          bool.default(false),
          "Whether the Collector takes what Jaeger's clients send: gRPC on port 14250, Thrift over HTTP on 14268 (`/api/traces`). Not over UDP: nothing has shown that such spans find their pod.",
        ),
      },
      "Jaeger's clients.",
    ),
    zipkin: settingsWithDefaults(
      {
        enabled: setting(
          bool.default(false),
          "Whether the Collector takes what Zipkin's clients send, on port 9411 (`/api/v2/spans`, and `/api/v1/spans`).",
        ),
      },
      "Zipkin's clients.",
    ),
  },
  "What the Collector takes besides OTLP.",
);
