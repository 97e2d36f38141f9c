/**
 * Preload that makes a Node process speak as a pod does: `node --import local/cluster/node/pod-network.ts
 * program.ts`. All pods of the embedded cluster share one network namespace, so without it every connection
 * would come from the address that it goes to, and names of Services would not resolve.
 *
 * POD_NETWORK_ADDRESS  the pod's address, from which connections are made
 * POD_NETWORK_HOSTS    a hosts file with the names that the pod can resolve; read anew for every look-up
 */
import dns from "node:dns";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net, { isIP } from "node:net";
import { parseHosts } from "./hosts.ts";

/** @throws Error when the variable is not set. */
function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === "") {
    throw new Error(`${variable} is not set; pod-network.ts needs it to speak from a pod's address.`);
  }
  return value;
}

const address = required("POD_NETWORK_ADDRESS");
const hosts = required("POD_NETWORK_HOSTS");

// Options are the only place where Node takes a local address, and gRPC's client offers no way to them: so
// every call of connect is brought into the form with options.
const connect: unknown = Reflect.get(net.Socket.prototype, "connect");
if (typeof connect !== "function") throw new Error("This Node has no net.Socket.prototype.connect to wrap.");
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  const [first] = args;
  // net.connect and tls.connect pass their arguments on as one array that they have normalized already.
  if (Array.isArray(first)) first[0] = fromPod(first[0] as ConnectOptions);
  else if (typeof first === "object" && first !== null) args[0] = fromPod(first);
  else if (isPort(first)) {
    const [, host, ...rest] = typeof args[1] === "string" ? args : [first, undefined, ...args.slice(1)];
    args = [fromPod({ port: first, host: host as string | undefined }), ...rest];
  }
  return Reflect.apply(connect, this, args) as net.Socket;
};

interface ConnectOptions {
  path?: string | undefined;
  host?: string | undefined;
  port?: number | string | undefined;
  localAddress?: string;
}

function isPort(value: unknown): value is number | string {
  return typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value));
}

function fromPod(options: ConnectOptions): ConnectOptions {
  const { path, host = "localhost", localAddress } = options;
  const loopback = host === "localhost" || host === "::1" || host.startsWith("127.");
  // An IPC path has no address, and the pod's address cannot reach loopback addresses of the other family.
  return path != null || localAddress !== undefined || loopback
    ? options
    : { ...options, localAddress: address };
}

type LookupAnswer = dns.LookupAddress | dns.LookupAddress[];

function resolve(hostname: string, options: dns.LookupOptions): LookupAnswer {
  const found = isIP(hostname)
    ? hostname
    : parseHosts(readFileSync(hosts, "utf8")).get(hostname.toLowerCase());
  const family = options.family === "IPv6" ? 6 : options.family === "IPv4" ? 4 : options.family;
  if (found === undefined || (family === 6 && isIP(found) === 4)) {
    // The shape of the error that Node itself gives, which callers test for.
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
      code: "ENOTFOUND",
      errno: -3008,
      syscall: "getaddrinfo",
      hostname,
    });
  }
  const answer = { address: found, family: isIP(found) };
  return options.all === true ? [answer] : answer;
}

function optionsOf(options: unknown): dns.LookupOptions {
  return typeof options === "number" ? { family: options } : (options ?? {});
}

type LookupCallback = (error: Error | null, address?: string | dns.LookupAddress[], family?: number) => void;

const lookup = (hostname: string, ...rest: unknown[]): void => {
  const callback = rest.at(-1) as LookupCallback;
  const options = optionsOf(rest.length > 1 ? rest[0] : undefined);
  // A look-up never answers before it returns.
  process.nextTick(() => {
    let answer: LookupAnswer;
    try {
      answer = resolve(hostname, options);
    } catch (error) {
      callback(error as Error);
      return;
    }
    if (Array.isArray(answer)) callback(null, answer);
    else callback(null, answer.address, answer.family);
  });
};

Object.assign(dns, { lookup });
Object.assign(dns.promises, {
  // Not an async arrow: what resolve throws must become a rejection, and nothing is awaited.
  lookup: (hostname: string, options?: unknown) =>
    new Promise((done) => {
      done(resolve(hostname, optionsOf(options)));
    }),
});
syncBuiltinESMExports();
