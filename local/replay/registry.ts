import type { Address } from "./address.ts";

/** The paths of Nacos' instances, as its HTTP API has them. */
const instance = "/nacos/v1/ns/instance";
const list = `${instance}/list`;

/** A request's method and path. */
export interface RegistryRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
}

export function registration(service: string, { host, port }: Address): RegistryRequest {
  const query = new URLSearchParams({ serviceName: service, ip: host, port: String(port) });
  return { method: "POST", path: `${instance}?${query.toString()}` };
}

export function lookUp(service: string): RegistryRequest {
  return { method: "GET", path: `${list}?${new URLSearchParams({ serviceName: service }).toString()}` };
}

/** The address that a registry's answer says; `undefined` if it knows no such service, or is no registry. */
export function parseInstance(body: string): Address | undefined {
  try {
    const { hosts } = JSON.parse(body) as { hosts: { ip: string; port: number }[] };
    const [first] = hosts;
    return first && { host: first.ip, port: first.port };
  } catch {
    return undefined;
  }
}

/** As much of Nacos as the demos need: it keeps one address of each service, the last that was registered. */
export class Registry {
  readonly #instances = new Map<string, { ip: string; port: number }>();

  /** The body of the answer; `undefined` for a request that is not meant for a registry. */
  answer(method: string, url: string): string | undefined {
    const { pathname, searchParams } = new URL(url, "http://registry");
    const service = searchParams.get("serviceName") ?? "";
    if (method === "POST" && pathname === instance) {
      this.#instances.set(service, {
        ip: searchParams.get("ip") ?? "",
        port: Number(searchParams.get("port")),
      });
      return "ok";
    }
    if (method !== "GET" || pathname !== list) return undefined;
    const known = this.#instances.get(service);
    return JSON.stringify({ hosts: known ? [known] : [] });
  }
}
