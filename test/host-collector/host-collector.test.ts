import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { HostCollector } from "../../components/host-collector/host-collector.ts";
import { hostCommand } from "../../components/host-collector/script.ts";
import { SettingsError } from "../../components/schema/settings-error.ts";
import { registrationsOf } from "../../render/objects.ts";
import { parseSettings } from "../../settings.ts";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyt0bCE1PcXPB0xCCwO8dVKgHOMsuzIcxhJsk6Qi0k1";
const web = { host: "192.0.2.20", hostKey };

/** What the program says against settings; every value counts as encrypted unless `plain`. */
function sentences(hosts: object, { plain = false } = {}): readonly string[] {
  const key = "deepflow-otel:hostCollectors";
  try {
    parseSettings({ [key]: JSON.stringify(hosts) }, new Set(plain ? [] : [key]));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.sentences;
    throw error;
  }
}

describe("an error names the key, what was found, and what to write", () => {
  test.each([
    [
      { web: { host: "192.0.2.20" } },
      "deepflow-otel:hostCollectors.web.hostKey is missing; write the host's public key, ssh-ed25519 or ecdsa-sha2-…, as `ssh-keyscan -t ed25519 <host>` prints it behind the name; not ssh-rsa, for which the provider asks in a way that sshd no longer answers.",
    ],
    [
      { web: { host: "web.example.com", hostKey } },
      "deepflow-otel:hostCollectors.web.address is missing, but DeepFlow finds no host by web.example.com; write the address that its deepflow-agent reports.",
    ],
    [
      { web: { host: "127.0.0.1", port: 2222, hostKey } },
      "deepflow-otel:hostCollectors.web.address is missing, but DeepFlow finds no host by 127.0.0.1; write the address that its deepflow-agent reports.",
    ],
    [
      { web, again: web },
      "deepflow-otel:hostCollectors is [secret], but web and again are both 192.0.2.20, port 22; a host has one Collector, so leave one of the two out.",
    ],
    [
      { web: { ...web, version: "0.110.0" } },
      "deepflow-otel:hostCollectors.web.version is [secret], but before 0.111.0 a Collector is configured in other ways; write 0.111.0 or newer.",
    ],
    [
      { web: { ...web, privateKeyPassword: "a" } },
      "deepflow-otel:hostCollectors.web.privateKey is missing, but privateKeyPassword is for one; write both, or leave both out.",
    ],
  ])("%j", (hosts, sentence) => {
    expect(sentences(hosts)).toEqual([sentence]);
  });

  test.each([
    ["web.example.com\n'; reboot", "host"],
    ["/usr/bin/otelcol-contrib --evil", "collector"],
    ["root; reboot", "user"],
    ["0.0.0.0", "address"],
    ["::1", "address"],
    ["ssh-rsa AAAA", "hostKey"],
  ])("%j is no %s", (value, key) => {
    expect(sentences({ web: { ...web, [key]: value } }).join()).toContain(`hostCollectors.web.${key} is`);
  });
});

test("a key or password in plain text is refused, of whichever host", () => {
  const hosts = {
    web: { ...web, privateKey: "-----BEGIN" },
    "data-base": { ...web, host: "192.0.2.21", password: "hunter2" },
  };
  expect(sentences(hosts)).toEqual([]);
  const said = sentences(hosts, { plain: true });
  expect(said).toEqual([
    "deepflow-otel:hostCollectors.web.privateKey is in plain text; run: pulumi config set --secret --path deepflow-otel:hostCollectors.web.privateKey.",
    'deepflow-otel:hostCollectors["data-base"].password is in plain text; run: pulumi config set --secret --path deepflow-otel:hostCollectors["data-base"].password.',
  ]);
});

test("every user but root asks sudo, which must not ask for a password", () => {
  expect(hostCommand("install", "root")).toBe("sh -s -- install");
  expect(hostCommand("remove", "deploy")).toBe("sudo -n sh -s -- remove");
});

describe("what is registered", () => {
  const secret = "-----BEGIN OPENSSH PRIVATE KEY-----";

  test("one Command, with nothing secret but in its connection, and nothing by environment", async () => {
    const register = () => new HostCollector("web", { ...web, privateKey: secret, user: "deploy" });
    const registered = await registrationsOf(register, "test");
    const command = registered.find(({ type }) => type === "command:remote:Command");
    const { connection, ...others } = command?.inputs ?? {};
    expect(connection).toEqual({
      ...{ host: "192.0.2.20", port: 22, user: "deploy", hostKey, privateKey: secret },
      ...{ perDialTimeout: 10, dialErrorLimit: 3 },
    });
    expect(JSON.stringify(others)).not.toContain("PRIVATE");
    expect(others).toMatchObject({ addPreviousOutputInEnv: false, create: "sudo -n sh -s -- install" });
    expect(others["environment"]).toBeUndefined();
  });

  test("the connection goes to the engine as a secret, whether the key was one or not", async () => {
    const secrets: (readonly [boolean, boolean])[] = [];
    await registrationsOf(() => {
      pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
        if (type !== "command:remote:Command") return undefined;
        const { connection } = props as { connection: pulumi.Output<unknown> };
        const { additionalSecretOutputs = [] } = opts as pulumi.CustomResourceOptions;
        void pulumi
          .isSecret(connection)
          .then((is) => secrets.push([is, additionalSecretOutputs.includes("connection")]));
        return undefined;
      });
      return new HostCollector("web", { ...web, password: "hunter2" });
    }, "test");
    expect(secrets).toEqual([[true, true]]);
  });

  test("nothing, for arguments that cannot be used", () => {
    expect(() => new HostCollector("web", { host: "web", hostKey })).toThrow(
      "HostCollector's address is missing, but DeepFlow finds no host by web",
    );
  });
});
