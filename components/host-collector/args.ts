import type * as pulumi from "@pulumi/pulumi";
import type { QuantityInput } from "../quantity.ts";

/** What a `HostCollector` is made from. docs/hosts.md says what is done on the host. */
export interface HostCollectorArgs {
  /** The host, as SSH reaches it from where Pulumi runs. Another one is a replacement. */
  readonly host: string;
  /** Port of its SSH server. Default: 22. */
  readonly port?: number | undefined;
  /**
   * User of the host; any other than root must be allowed to `sudo sh` without a password. Default: `root`.
   */
  readonly user?: string | undefined;
  /**
   * Public key of the host's SSH server, `ssh-ed25519` or `ecdsa-sha2-…`, as `ssh-keyscan -t ed25519` prints
   * it behind the name. Any other server is refused.
   *
   * Not `ssh-rsa`: `@pulumi/command` 1.2.1 then asks for that very signature algorithm, SHA-1, which OpenSSH
   * has not offered since 8.8 (pulumi-command `provider/pkg/provider/remote/connection.go`).
   */
  readonly hostKey: string;
  /**
   * Private key to log in with; a secret in the state whether it is one here or not. Default: the SSH agent
   * of whoever runs Pulumi.
   */
  readonly privateKey?: pulumi.Input<string> | undefined;
  /** Password of the private key, where it has one. */
  readonly privateKeyPassword?: pulumi.Input<string> | undefined;
  /** Password of the user, where there is no key. */
  readonly password?: pulumi.Input<string> | undefined;
  /** Value of `app.host.ip`. Default: `host`, if that is an address by which DeepFlow can know it. */
  readonly address?: string | undefined;
  /**
   * URL of trace requests, seen from the host. Default: a deepflow-agent on the host itself,
   * `http://127.0.0.1:38086/api/v1/otel/trace`.
   */
  readonly destinationUrl?: string | undefined;
  /**
   * Path of the Collector, which must be there already. Default: `/usr/bin/otelcol-contrib`, where the
   * packages of the contrib distribution have it (opentelemetry-collector-releases,
   * `distributions/otelcol-contrib`).
   */
  readonly collector?: string | undefined;
  /** Version of that Collector. Default: the one that the tests run. */
  readonly version?: string | undefined;
  /** Memory at most, a quantity. GOMEMLIMIT, the memory limiter and the queue follow. Default: `512Mi`. */
  readonly memoryLimit?: QuantityInput | undefined;
  /** Resource attributes that every span gets. */
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  /** Whether spans also get the older attribute names, the only ones that DeepFlow reads. Default: true. */
  readonly httpAttributes?: boolean | undefined;
  /** Share of traces that are kept, in percent. Default: all. */
  readonly sampling?: { readonly percentage: number } | undefined;
}
