import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { expect, onTestFinished, test } from "vitest";
import { createCredentials, writeKubeconfig } from "../../../../local/cluster/control-plane/credentials.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "credentials-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test("credentials and kubeconfigs are readable by their owner only, and differ from cluster to cluster", () => {
  const [one, other] = [createCredentials(temporaryFolder()), createCredentials(temporaryFolder())];
  expect(one.adminToken).not.toBe(other.adminToken);
  const file = join(temporaryFolder(), "kubeconfig");
  const token = one.adminToken;
  writeKubeconfig(file, {
    server: "https://127.0.0.1:1",
    certificateAuthority: "CA",
    tlsServerName: "name",
    token,
  });
  for (const secret of [file, one.tokenFile, one.serviceAccountKey]) {
    expect(statSync(secret).mode & 0o077).toBe(0);
  }
  expect(load(readFileSync(file, "utf8"))).toMatchObject({
    clusters: [{ cluster: { server: "https://127.0.0.1:1", "tls-server-name": "name" } }],
    users: [{ user: { token } }],
  });
});
