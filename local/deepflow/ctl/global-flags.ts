import type { Flag } from "./flags.ts";
import type { CtlRelease } from "./release.ts";

/**
 * The flags of every command (cli/ctl/cli.go:40-46). Without `--ip`, deepflow-ctl asks the address of the interface
 * with the default route, and 127.0.0.1 where there is none; the stand-in always asks 127.0.0.1.
 */
export function globalFlags(release: CtlRelease): Flag[] {
  const port = (name: string, what: string, initial: string): Flag => ({
    name,
    type: "uint32",
    usage: `deepflow-server service ${what} port`,
    default: initial,
  });
  return [
    { name: "version", shorthand: "v", type: "bool", usage: "deepflow-ctl version" },
    { name: "ip", shorthand: "i", type: "string", usage: "deepflow-server service ip", default: "127.0.0.1" },
    port("api-port", "node", "30417"),
    port("rpc-port", "grpc", "30035"),
    port("svc-port", "http", "20417"),
    ...(release === "v6.4.9"
      ? []
      : [{ name: "org-id", type: "uint32", usage: "organization id", default: "1" } as const]),
    { name: "timeout", type: "duration", usage: "deepflow-ctl timeout", default: "30s" },
  ];
}

/** `-o`; every value but `yaml` means a table. */
export const outputFlag: Flag = { name: "output", shorthand: "o", type: "string", usage: "output format" };

export function filenameFlag(verb: "create" | "update"): Flag {
  return {
    name: "filename",
    shorthand: "f",
    type: "string",
    usage: `file to use ${verb} agent-group config`,
  };
}
