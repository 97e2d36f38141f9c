import { readFileSync, rmSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { chartDestination } from "../../components/deepflow/destination.ts";
import { stackFrom } from "../../stack.ts";
import { partAddresses, reachParts } from "../../verify/deepflow/addresses.ts";
import { portForward } from "../../verify/kubernetes/port-forward.ts";
import { fakeKubectl } from "./fake-kubectl.ts";

const target = { resource: "service/deepflow-server", namespace: "deepflow", port: 20416 };

function kubectl(...parameters: Parameters<typeof fakeKubectl>) {
  const fake = fakeKubectl(...parameters);
  onTestFinished(() => {
    rmSync(fake.folder, { recursive: true });
  });
  const calls = () =>
    readFileSync(fake.calls, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { pid: number; args: string[] });
  return { ...fake, calls };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("A port-forward leads to the port that kubectl chose, in the context that was named, and ends when closed", async () => {
  const { program, calls } = kubectl({ port: 41234 });
  const forward = await portForward(target, { program, kubeconfig: "/config", context: "prod" });
  expect(forward.url).toBe("http://127.0.0.1:41234");
  const [{ pid, args } = { pid: 0, args: [] }] = calls();
  expect(args.join(" ")).toBe(
    "--kubeconfig /config --context prod port-forward -n deepflow service/deepflow-server :20416 --address 127.0.0.1",
  );
  expect(isRunning(pid)).toBe(true);
  forward.close();
  await expect.poll(() => isRunning(pid)).toBe(false);
  expect(forward.ended()).toBe(true);
});

test("A port-forward that fails says what kubectl said", async () => {
  const { program } = kubectl({
    error: 'Error from server (NotFound): services "deepflow-server" not found',
  });
  await expect(portForward(target, { program })).rejects.toThrow(
    /^`kubectl port-forward -n deepflow service\/deepflow-server .*` failed: Error from server \(NotFound\)/,
  );
  await expect(portForward(target, { program: "/nowhere/kubectl" })).rejects.toThrow(
    "There is no /nowhere/kubectl here; install kubectl, or name it with --kubectl.",
  );
});

test("One port-forward serves all questions to a part, and a new one is made for one that has ended", async () => {
  const { program, calls } = kubectl({ port: 41234 });
  const stack = stackFrom({});
  const { reach, close } = reachParts(partAddresses(stack, {}, "deepflow"), { program });
  await reach("querier");
  await reach("querier");
  expect(calls()).toHaveLength(1);
  process.kill(calls()[0]?.pid ?? 0);
  await expect.poll(() => isRunning(calls()[0]?.pid ?? 0)).toBe(false);
  await expect.poll(async () => (await reach("querier"), calls().length)).toBe(2);
  close();
  await expect.poll(() => isRunning(calls()[1]?.pid ?? 0)).toBe(false);
});

test("Where DeepFlow's parts are follows from what is given, then from the settings, then from the chart", () => {
  const of = (config: Record<string, unknown>, given = {}, namespace = "deepflow") => {
    const texts = Object.entries(config).map(([key, value]) => [
      `deepflow-otel:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return partAddresses(stackFrom(Object.fromEntries(texts) as Record<string, string>), given, namespace);
  };
  expect(chartDestination.host).toBe("deepflow-agent.deepflow");
  expect(of({})).toEqual({
    controller: { ...target, port: 20417 },
    agent: { resource: "service/deepflow-agent", namespace: "deepflow", port: 80 },
    querier: target,
    app: { resource: "service/deepflow-app", namespace: "deepflow", port: 20418 },
  });
  expect(of({ topology: "direct" }).agent).toEqual(of({}).agent);
  expect(of({}, {}, "observe").querier).toMatchObject({ namespace: "observe" });
  expect(of({}, { querier: "http://node:31234/" }).querier).toEqual({ url: "http://node:31234" });
  expect(of({ agentGroup: { controller: { host: "fd00::1" } } }).controller).toEqual({
    url: "http://[fd00::1]:30417",
  });
  const sendingTo = (destination: unknown) => of({ otelAgent: { destination } }).agent;
  expect(sendingTo({ type: "node" })).toEqual({
    resource: "daemonset/deepflow-agent",
    namespace: "deepflow",
    port: 38086,
  });
  expect(sendingTo({ type: "nodeLocalService" })).toMatchObject({
    resource: "service/deepflow-agent-for-open-telemetry",
  });
  expect(sendingTo({ type: "url", url: "http://192.0.2.7:38086/api/v1/otel/trace" })).toEqual({
    url: "http://192.0.2.7:38086",
  });
  expect(
    sendingTo({ type: "url", url: "http://agent.infra.svc.cluster.local:8080/api/v1/otel/trace" }),
  ).toEqual({
    resource: "service/agent",
    namespace: "infra",
    port: 8080,
  });
});
