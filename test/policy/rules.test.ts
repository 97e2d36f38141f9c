import { beforeAll, describe, expect, test } from "vitest";
import type { Rendering } from "../../policy/rule.ts";
import { ownFindings } from "../../policy/rules.ts";
import { sample, withChange } from "./renderings.ts";

let dev: Rendering;
beforeAll(async () => {
  const [collectors, demos] = [await sample("dev"), await sample("demo")];
  // Both on one cluster.
  dev = {
    stack: { ...collectors.stack, demos: demos.stack.demos },
    objects: [...collectors.objects, ...demos.objects],
  };
});

function found(rendering: Rendering): string[] {
  return ownFindings(rendering).map(({ rule, object, problem }) => `${rule}: ${object}: ${problem}`);
}

function dropped(kind: string, name: string): Rendering {
  const objects = dev.objects.filter(
    (object) => object.kind !== kind || !object.metadata.name.startsWith(name),
  );
  expect(objects).toHaveLength(dev.objects.length - 1);
  return { ...dev, objects };
}

function withVariable(name: string, value: string): Rendering {
  const env = `"env":[{"name":${JSON.stringify(name)},"value":${JSON.stringify(value)}},`;
  return withChange(dev, "Deployment", "frontend", '"env":[', env);
}

function withConfigMap(data: Record<string, string>): Rendering {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace: "y" }, data };
  return { ...dev, objects: [...dev.objects, object] };
}

test("the stacks dev and demo are against none of the rules", () => {
  expect(found(dev)).toEqual([]);
});

describe("node-local-service", () => {
  test("a Service that leaves the node", () => {
    expect(found(withChange(dev, "Service", "otel-agent", '"Local"', '"Cluster"'))).toEqual([
      expect.stringContaining(
        "node-local-service: Service open-telemetry/otel-agent: Its internalTrafficPolicy is Cluster",
      ),
    ]);
  });
  test("no Service", () => {
    expect(found(dropped("Service", "otel-agent"))).toEqual([
      expect.stringContaining("node-local-service: DaemonSet open-telemetry/otel-agent: No Service"),
    ]);
  });
});

describe("app-host-ip", () => {
  const change = (from: string, to: string) =>
    found(withChange(dev, "ConfigMap", "otel-agent-conf", from, to));
  test("not written", () => {
    expect(change("key: app.host.ip", "key: other")).toEqual([
      expect.stringMatching(/^app-host-ip: .*, pipeline traces: app.host.ip is not set/),
    ]);
  });
  test("written from something else", () => {
    expect(change("from_attribute: k8s.pod.ip", "from_attribute: host.name")).toHaveLength(1);
  });
  test("the pod's address is not looked up", () => {
    expect(change("- k8s.pod.ip", "- k8s.pod.uid")).toEqual([
      expect.stringContaining("No processor looks up"),
    ]);
  });
  test("written before the look-up, in a second pipeline", () => {
    const pipeline = "traces/second:\\n        processors: [resource, k8s_attributes]\\n      traces:";
    expect(
      change("pipelines:\\n    traces:", `pipelines:\\n    ${pipeline}`.replaceAll("      ", "    ")),
    ).toEqual([expect.stringContaining("pipeline traces/second: app.host.ip is not set")]);
  });
  test("batched before the look-up", () => {
    expect(change("- memory_limiter\\n", "- batch\\n        - memory_limiter\\n")).toEqual([
      expect.stringContaining("batch comes before k8s_attributes"),
    ]);
  });
});

describe("image-tag", () => {
  test.each([
    ["registry:5000/image", true],
    ["image:latest", true],
    ["registry:5000/image:1.2", false],
    ["image@sha256:0123", false],
  ])("%s", (image, isFound) => {
    const rendering = withChange(
      dev,
      "StatefulSet",
      "redis-cart",
      "docker.io/library/redis:7.4.2-alpine",
      image,
    );
    expect(found(rendering)).toHaveLength(isFound ? 1 : 0);
  });
});

describe("plain-secret", () => {
  test.each([
    ["DB_PASSWORD", "hunter2", true],
    ["MYSQL_PSW", "nacos", true],
    ["API_TOKEN", "abc", true],
    ["DATABASE", "mysql://root:hunter2@db:3306/shop", true],
    ["DATABASE", "mysql://$(USER):$(PASSWORD)@db:3306/shop", false],
    ["DB_PASSWORD", "$(OTHER)", false],
    ["TOKEN_FILE", "/var/run/token", false],
    ["CHANGE_PASSWORD", "true", false],
  ])("variable %s=%s", (name, value, isFound) => {
    expect(found(withVariable(name, value))).toHaveLength(isFound ? 1 : 0);
  });
  test.each([
    ["a.yaml", "spring:\n  datasource:\n    password: hunter2\n", true],
    ["a.yaml", "password: ${MYSQL_PASSWORD}\n", false],
    ["a.yaml", 'headers:\n  authorization: "Bearer abc"\n', true],
    ["a.yaml", "headers:\n  authorization: Bearer ${env:TOKEN}\n", false],
    ["a.json", '{"user": "a", "apiKey": "abc"}', true],
    ["a.properties", "db.password=hunter2\n", true],
    ["a.properties", "db.password=\nuser=a\n", false],
    ["a.pem", "-----BEGIN RSA PRIVATE KEY-----", true],
    ["token", "abc", true],
  ])("ConfigMap key %s with %j", (key, text, isFound) => {
    expect(found(withConfigMap({ [key]: text }))).toHaveLength(isFound ? 1 : 0);
  });
  test("an argument of a container", () => {
    const rendering = withChange(
      dev,
      "StatefulSet",
      "redis-cart",
      '"args":[',
      '"args":["--password=hunter2",',
    );
    expect(found(rendering)).toEqual([
      expect.stringMatching(/^plain-secret: StatefulSet .*redis-cart, container redis-cart, command:/),
    ]);
  });
});

describe("demo-egress", () => {
  const change = (from: string, to: string) => found(withChange(dev, "NetworkPolicy", "frontend", from, to));
  test("more than the call graph", () => {
    expect(change('"egress":[', '"egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]},')).toEqual([
      expect.stringContaining("lets it send to 0.0.0.0/0:any port, which is not in its call graph."),
    ]);
  });
  test("another port and another pod than are called", () => {
    expect(change('"port":9555', '"port":9556')).toEqual([
      expect.stringContaining("lets it send to adservice:9556/TCP, which"),
      expect.stringContaining("does not let it send to adservice:9555/TCP, which"),
    ]);
  });
  test("not where spans go", () => {
    expect(change('"port":4317', '"port":1')).toContainEqual(
      expect.stringMatching(/does not let it send to namespaces .*otel-agent.*:4317\/TCP/),
    );
  });
  test("everything", () => {
    expect(change('"egress":[', '"egress":[{},')).toEqual([
      expect.stringContaining("lets it send to anywhere:any port"),
    ]);
  });
  test("no policy", () => {
    expect(found(dropped("NetworkPolicy", "frontend"))).toEqual([
      expect.stringContaining(
        "demo-egress: Deployment deepflow-otel-grpc-demo/frontend: No NetworkPolicy limits",
      ),
    ]);
  });
  test("a policy for what comes in only", () => {
    expect(change('["Ingress","Egress"]', '["Ingress"]')).toHaveLength(1);
  });
});
