import { withOverrides } from "../demo/settings.ts";
import type { Demo, Service } from "../demo/table.ts";
import { webStoreRows, type WebStoreRow } from "./rows.ts";
import type { ImageSetName, OtelWebStoreSettings } from "./settings.ts";

/**
 * The carts. Without a password: cartservice prints the whole connection string, and with it a password, to its log
 * (opentelemetry-demo v0.1.0-alpha, RedisCartStore.cs). Its network policy admits nobody else.
 */
const redis: Service = {
  language: "redis",
  image: { registry: "docker.io", repository: "library/redis", tag: "7.4.2-alpine" },
  ports: [{ number: 6379, protocol: "redis" }],
  // redis-cli ends with 0 even when the server says that it is still loading.
  probes: { readiness: { exec: ["sh", "-c", '[ "$(redis-cli ping)" = PONG ]'] } },
  args: ["--appendonly", "yes", "--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru"],
  memoryMib: 256,
  data: { path: "/data" },
  user: { uid: 999, gid: 1000 },
};

/** The OTel WebStore (https://github.com/open-telemetry/opentelemetry-demo), as DeepFlow's documents deploy it. */
export function otelWebStore(settings: OtelWebStoreSettings): Demo {
  const { imageSet, namespace, frontEndType, persistence } = settings;
  const services = Object.fromEntries(
    Object.entries(webStoreRows(settings)).map(([name, row]) => [name, built(row, imageSet)]),
  );
  return {
    name: "otel-webstore",
    title: "OTel WebStore",
    namespace,
    services: withOverrides({ ...services, "redis-cart": redis }, settings),
    frontEnd: "frontend",
    frontEndType,
    persistence,
    dashboardVariables: { request_resource: "*Order*" },
  };
}

/**
 * A row as one image set has it: calls and variables of its build come on top of the common ones, all else
 * replaces them.
 */
function built({ builds, ...row }: WebStoreRow, imageSet: ImageSetName): Service {
  const build = builds[imageSet];
  return {
    ...row,
    ...build,
    calls: { ...row.calls, ...build.calls },
    environment: { ...row.environment, ...build.environment },
  };
}
