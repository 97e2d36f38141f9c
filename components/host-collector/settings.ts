import { isIP } from "node:net";
import { z } from "zod";
import {
  configSyntaxOf,
  defaultVersion,
  oldestVersion,
  versionOfTag,
} from "../otel-agent/collector-version.ts";
import { leastMemoryMib } from "../otel-agent/memory.ts";
import { memory } from "../otel-agent/settings/resources.ts";
import { httpAttributes, resourceAttributes, sampling } from "../otel-agent/settings/spans.ts";
import { dnsLabel, httpUrl, port } from "../schema/primitives.ts";
import { inWords, isMap, rule, setting, settings } from "../schema/setting.ts";

/** Addresses that every host has, so that DeepFlow finds none by them. */
const everybodysAddress = /^(?:127\.|0\.0\.0\.0$|::1?$)/;

/** Whether DeepFlow can find a host by this text. */
function isHostAddress(text: unknown): boolean {
  return typeof text === "string" && isIP(text) !== 0 && !everybodysAddress.test(text);
}

function credential(expected: string, description: string) {
  return setting(
    z.string().min(1).optional(),
    `${expected}, encrypted: pulumi config set --secret --path`,
    description,
  ).meta({ secret: true });
}

/** A Collector on one host. */
export const hostCollectorSettings = settings(
  {
    host: setting(
      z.string().regex(/^[A-Za-z0-9:][-A-Za-z0-9.:]*$/),
      "a host name or address",
      "The host, as SSH reaches it from where Pulumi runs.",
    ),
    port: setting(port.default(22), "Port of its SSH server."),
    user: setting(
      z
        .string()
        .regex(/^[A-Za-z_][-\w.]*$/)
        .default("root"),
      "a user's name",
      "User of the host. Any other than root must be allowed to `sudo sh` without a password.",
    ),
    hostKey: setting(
      z.string().regex(/^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]+=*(?: .*)?$/),
      "the host's public key, ssh-ed25519 or ecdsa-sha2-…, as `ssh-keyscan -t ed25519 <host>` prints it behind the name; not ssh-rsa, for which the provider asks in a way that sshd no longer answers",
      "Public key of the host's SSH server. Any other server is refused.",
    ),
    privateKey: credential(
      "a private key in PEM or OpenSSH format",
      "Private key to log in with. Without key and password the SSH agent of whoever runs Pulumi is asked (`SSH_AUTH_SOCK`).",
    ),
    privateKeyPassword: credential("a password", "Password of the private key, where it has one."),
    password: credential("a password", "Password of the user, where there is no key."),
    address: setting(
      z.string().refine(isHostAddress).optional(),
      "an address of the host, IPv4 or IPv6, and none that every host has",
      "Value of `app.host.ip`: the address by which DeepFlow knows the host. Default: `host`, if that is an address.",
    ),
    destinationUrl: setting(
      httpUrl.default("http://127.0.0.1:38086/api/v1/otel/trace"),
      "the whole http:// or https:// URL that takes traces, without a password in it",
      "URL of trace requests, seen from the host. The default is a deepflow-agent on the host itself.",
    ),
    collector: setting(
      z
        .string()
        .regex(/^\/[-\w.+/]+$/)
        .default("/usr/bin/otelcol-contrib"),
      "an absolute path",
      "The Collector on the host, as the contrib distribution's packages install it.",
    ),
    version: setting(
      z
        .string()
        .regex(/^\d+\.\d+\.\d+$/)
        .default(defaultVersion),
      `a version of the Collector, such as ${defaultVersion}`,
      "Version of the Collector on the host, for which the configuration is written.",
    ),
    memoryLimit: memory(
      "512Mi",
      leastMemoryMib,
      "Memory at most (`MemoryMax`). GOMEMLIMIT, the memory limiter and the queue are sized from it.",
    ),
    resourceAttributes,
    httpAttributes,
    sampling,
  },
  "A Collector on a host.",
)
  .refine(
    ...rule<{ host?: unknown; address?: unknown }>(
      ["address"],
      ({ host, address }) => address !== undefined || typeof host !== "string" || isHostAddress(host),
      ({ host }) =>
        `DeepFlow finds no host by ${String(host)}; write the address that its deepflow-agent reports`,
    ),
  )
  .refine(
    ...rule<{ privateKey?: unknown; privateKeyPassword?: unknown }>(
      ["privateKey"],
      ({ privateKey, privateKeyPassword }) => privateKeyPassword === undefined || privateKey !== undefined,
      () => "privateKeyPassword is for one; write both, or leave both out",
    ),
  )
  .refine(
    ...rule<{ version?: unknown }>(
      ["version"],
      ({ version }) => {
        const parsed = typeof version === "string" ? versionOfTag(version) : undefined;
        return parsed === undefined || configSyntaxOf(parsed) !== undefined;
      },
      () =>
        `before ${oldestVersion} a Collector is configured in other ways; write ${oldestVersion} or newer`,
    ),
  );

/** Collectors on hosts (`deepflow-otel:hostCollectors`), each under a name of the stack's own. */
export const hostCollectorsSettings = setting(
  z.record(dnsLabel, hostCollectorSettings).default({}),
  "a map from a name to the settings of a host",
  "Collectors on hosts outside Kubernetes, each installed over SSH towards a deepflow-agent on that host. docs/hosts.md says what is done there.",
).refine(
  ...rule<object>(
    [],
    (hosts) => sameHost(hosts) === undefined,
    (hosts) => `${sameHost(hosts) ?? ""}; a host has one Collector, so leave one of the two out`,
  ),
);

/** Which two entries are one host. */
function sameHost(hosts: object): string | undefined {
  const seen = new Map<unknown, string>();
  for (const [name, entry] of Object.entries(hosts)) {
    if (!isMap<unknown>(entry)) continue;
    const { host, port = 22 } = entry as { host?: unknown; port?: unknown };
    const key = JSON.stringify([host, port]);
    const other = seen.get(key);
    if (other !== undefined && host !== undefined)
      return `${other} and ${name} are both ${inWords(host)}, port ${inWords(port)}`;
    seen.set(key, name);
  }
  return undefined;
}

export type HostCollectorSettings = z.output<typeof hostCollectorSettings>;
