import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stackContext } from "../../verify/stack-context.ts";

test("kubectl gets the cluster that the stack names, and no kubeconfig that is no file", () => {
  const of = (config: Record<string, string>, ...secretKeys: string[]) =>
    stackContext(config, new Set(secretKeys));
  expect(of({})).toEqual({});
  expect(of({ "kubernetes:context": "prod", "kubernetes:kubeconfig": "~/.kube/prod" })).toEqual({
    context: "prod",
    kubeconfig: join(homedir(), ".kube", "prod"),
  });
  expect(of({ "kubernetes:kubeconfig": "apiVersion: v1\nkind: Config\n" })).toEqual({});
  expect(of({ "kubernetes:kubeconfig": '{"apiVersion":"v1"}' })).toEqual({});
  expect(of({ "kubernetes:kubeconfig": "[secret]" }, "kubernetes:kubeconfig")).toEqual({});
});
