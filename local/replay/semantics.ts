import type { Attributes } from "@opentelemetry/api";
import type { Protocol } from "../../components/demo/table.ts";

/** How a call shows in spans: its name, its path, and the attributes of both its spans. */
export interface Semantics {
  readonly name: string;
  readonly path: string;
  readonly attributes: Attributes;
}

/** A call of a service, by OpenTelemetry's semantic conventions for what it stands for. */
export function semantics(protocol: Protocol, service: string): Semantics {
  switch (protocol) {
    case "grpc": {
      const method = `${service}/Replay`;
      return {
        name: method,
        path: `/${method}`,
        attributes: { "rpc.system": "grpc", "rpc.service": service, "rpc.method": "Replay" },
      };
    }
    case "http":
      return httpSemantics("GET", `/${service}/replay`);
    case "mysql":
    case "redis":
      return { name: `${protocol} ${service}`, path: "/", attributes: { "db.system.name": protocol } };
  }
}

/** A request that is really HTTP. */
export function httpSemantics(method: string, path: string): Semantics {
  const [urlPath = "/"] = path.split("?");
  return {
    name: `${method} ${urlPath}`,
    path,
    attributes: { "http.request.method": method, "url.path": urlPath, "url.scheme": "http" },
  };
}
