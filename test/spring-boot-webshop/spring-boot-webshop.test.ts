import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { environment } from "../../components/demo/environment.ts";
import { demoOutputs } from "../../components/demo/resolve.ts";
import { sdks } from "../../components/demo/sdk.ts";
import { rows } from "../../components/demo/table.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import { registrations } from "../../render/objects.ts";
import { renderSettings } from "../../render/stack.ts";
import { stackFrom } from "../../stack.ts";
import { rowOf, webShop } from "../demo/demos.ts";

const destination = otelAgentDestination("open-telemetry");

function variable(service: string, name: string, settings: object = {}) {
  return environment(rowOf(webShop(settings), service), destination).find(
    (one) => "name" in one && one.name === name,
  );
}

function config(service: string): unknown {
  return load(Object.values(rowOf(webShop(), service).service.files?.content ?? {})[0] ?? "");
}

describe("the documents' manifest of the WebShop, mended", () => {
  test("traffic is on by default, and its rate a setting", () => {
    expect(rowOf(webShop(), "loadgenerator").service.replicas).toBe(1);
    expect(variable("loadgenerator", "LOCUST_USERS", { loadGenerator: { users: 7 } })).toMatchObject({
      value: "7",
    });
    expect(rowOf(webShop({ loadGenerator: { replicas: 3 } }), "loadgenerator").service.replicas).toBe(3);
  });

  test("svc-order has a configuration of its own, in which nothing is left open", () => {
    expect(rowOf(webShop(), "svc-order").service.files?.configMap).toBe("order-service");
    const given = environment(rowOf(webShop(), "svc-order"), destination).map((one) =>
      "name" in one ? one.name : "",
    );
    const text = Object.values(rowOf(webShop(), "svc-order").service.files?.content ?? {}).join("");
    const open = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name);
    expect(open.length).toBeGreaterThan(4);
    expect(open.filter((name) => !given.includes(name))).toEqual([]);
  });

  test("the registry's address does not depend on what an image has built in", () => {
    for (const service of ["web-shop", "svc-user", "svc-item", "svc-order", "svc-stock"]) {
      expect(variable(service, "NACOS_HOST")).toMatchObject({ value: "nacos" });
    }
  });

  test("services speak the protocol that the Java agent knows, and start without Seata", () => {
    expect(config("svc-item")).toMatchObject({
      dubbo: { protocol: { name: "rest" }, application: { name: "item-srv" } },
      seata: { enabled: false },
    });
    expect(config("svc-item")).not.toHaveProperty("spring.datasource");
    expect(config("svc-user")).toHaveProperty("spring.datasource");
  });

  test("Java is started directly, so that SIGTERM reaches it", () => {
    const jvms = rows(webShop()).filter(({ service }) => service.sdk);
    expect(jvms).toHaveLength(5);
    for (const { service } of jvms) expect(service.command?.slice(0, 2)).toEqual(["java", "-jar"]);
  });

  describe("MySQL", () => {
    /** Starts what the row says in the place of its image, with a limit of open files. */
    function start(limit: number, alter = (script: string) => script) {
      const folder = mkdtempSync(join(tmpdir(), "entry-point-"));
      const entryPoint = '#!/bin/sh\necho "$$ $(ulimit -Sn) $(ulimit -Hn) $*"\n';
      writeFileSync(join(folder, "docker-entrypoint.sh"), entryPoint, { mode: 0o755 });
      const command = (rowOf(webShop(), "db-demo").service.command ?? []).map(alter);
      const started = spawnSync("sh", ["-c", `ulimit -n ${limit}; exec "$@"`, "sh", ...command], {
        env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` },
        encoding: "utf8",
      });
      rmSync(folder, { recursive: true });
      return { ...started, pid: String(started.pid) };
    }

    test("may open 65536 files at most, and its entry point is process 1: with an infinite limit it would allocate 16 GiB", () => {
      expect(rowOf(webShop(), "db-demo").service.command?.join(" ")).toContain("ulimit -n 65536;");
      // Any machine may have such limits.
      const { pid, stdout, stderr } = start(1024, (script) => script.replace("65536", "512"));
      expect([stdout, stderr]).toEqual([`${pid} 512 512 mysqld\n`, ""]);
    });

    test("starts with what it has where less is allowed", () => {
      const { pid, stdout } = start(1024);
      expect(stdout).toMatch(new RegExp(`^${pid} (1024 1024|65536 65536) mysqld\n$`));
    });
  });

  test("leftovers of SkyWalking and Zipkin are gone", async () => {
    const files = await renderSettings({ "deepflow-otel:springBootWebShop": "{}" }, "test");
    const text = [...files]
      .filter(([path]) => path.includes("spring"))
      .map(([, content]) => content)
      .join("");
    expect(text).toContain("svc-order");
    expect(text).not.toMatch(/SW_AGENT|zipkin|-Dotel|home\/docker-entrypoint/i);
  });

  test("the version of the Java agent decides how it is read, and is a setting", () => {
    expect(rowOf(webShop(), "svc-item").service.sdk).toBe(sdks.javaAgent2);
    const old = webShop({ javaAgent: { image: { tag: "1.33.6" } } });
    expect(rowOf(old, "svc-item").service).toMatchObject({
      sdk: sdks.javaAgent1,
      javaAgent: { tag: "1.33.6" },
    });
  });

  test("svc-stock's process 1 is too old after an hour, and its container then starts over with a full stock", () => {
    const { liveness } = rowOf(webShop(), "svc-stock").service.probes ?? {};
    expect(liveness).toMatchObject({ exec: ["sh", "-c", expect.stringContaining("-lt 3600") as string] });
  });
});

describe("passwords", () => {
  const key = "deepflow-otel:springBootWebShop";
  const stack = (database: object) => stackFrom({ [key]: JSON.stringify({ database }) }, new Set([key]));

  async function secretsOf(database: object) {
    const registered = await registrations(stack(database), "test");
    return {
      secrets: registered
        .filter(({ type }) => type === "kubernetes:core/v1:Secret")
        .map(({ inputs }) => inputs["stringData"]),
      commands: registered.filter(({ type }) => type === "command:local:Command").map(({ inputs }) => inputs),
    };
  }

  test("of the image's users are those that the image has built in, until a stack says others", async () => {
    expect((await secretsOf({})).secrets).toContainEqual({
      "mydemo-password": "mydemo",
      "nacos-password": "nacos",
    });
    expect((await secretsOf({ nacosPassword: "other" })).secrets).toContainEqual({
      "mydemo-password": "mydemo",
      "nacos-password": "other",
    });
  });

  test("of root is generated once and kept whatever changes, or the stack's own", async () => {
    const { commands } = await secretsOf({});
    expect(commands).toEqual([
      {
        create: expect.stringContaining("randomBytes(24)") as string,
        update: expect.stringContaining("PULUMI_COMMAND_STDOUT") as string,
        logging: "none",
      },
    ]);
    const own = await secretsOf({ rootPassword: "chosen" });
    expect(own.commands).toEqual([]);
    expect(own.secrets).toContainEqual({ password: "chosen" });
  });

  test("in plain text are refused", () => {
    const settings = JSON.stringify({ database: { rootPassword: "chosen" } });
    expect(() => stackFrom({ [key]: settings })).toThrow(
      "deepflow-otel:springBootWebShop.database.rootPassword is in plain text; run: pulumi config set --secret --path deepflow-otel:springBootWebShop.database.rootPassword.",
    );
  });

  test("are in no file of a rendering, whose README says what to create", async () => {
    const database = { rootPassword: "pw-root", mydemoPassword: "pw-mydemo", nacosPassword: "pw-nacos" };
    const files = await renderSettings({ [key]: JSON.stringify({ database }) }, "test", new Set([key]));
    expect([...files.values()].join("")).not.toContain("pw-");
    expect(files.get("README.md")).toContain(
      "kubectl create secret generic -n deepflow-otel-spring-demo db-demo-users --from-literal=mydemo-password=… --from-literal=nacos-password=…",
    );
    expect(files.get("README.md")).toContain("db-demo-root --from-literal=password=…");
  });
});

test("its outputs are what people need next", () => {
  const args = { destination, grafanaUrl: "https://grafana.example.com/", allServicesTraced: false };
  expect(demoOutputs(webShop(), args)).toEqual({
    frontEndUrl: "http://web-shop.deepflow-otel-spring-demo:8090",
    portForward: "kubectl port-forward -n deepflow-otel-spring-demo service/web-shop 8090:8090",
    dashboard:
      "https://grafana.example.com/d/Distributed_Tracing/distributed-tracing?var-namespace=deepflow-otel-spring-demo",
    services: ["item-svc", "order-svc", "shop-web", "stock-svc", "user-svc"],
    servicesWithoutEndpoint: [],
  });
});
