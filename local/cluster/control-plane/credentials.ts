import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";

/** What the control plane's programs prove themselves with; every file is readable by its owner only. */
export interface Credentials {
  /** The token of a member of system:masters. */
  adminToken: string;
  /** The same token as kube-apiserver reads it. */
  tokenFile: string;
  /** Signs the tokens of ServiceAccounts. */
  serviceAccountKey: string;
  serviceAccountPublicKey: string;
  /** Where kube-apiserver puts its self-signed certificate. */
  certificateDir: string;
  /** That certificate together with the one that signed it. */
  certificateAuthority: string;
}

/** Makes new credentials in `<dir>/pki`. */
export function createCredentials(dir: string): Credentials {
  const pki = join(dir, "pki");
  mkdirSync(pki, { mode: 0o700 });
  const write = (name: string, content: string) => {
    const file = join(pki, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
  const adminToken = randomBytes(24).toString("base64url");
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    adminToken,
    tokenFile: write("tokens.csv", `${adminToken},admin,admin,system:masters\n`),
    serviceAccountKey: write("service-account.key", privateKey),
    serviceAccountPublicKey: write("service-account.pub", publicKey),
    certificateDir: pki,
    certificateAuthority: join(pki, "apiserver.crt"),
  };
}

/** One way to the API server. */
export interface Access {
  server: string;
  /** The certificate's text. */
  certificateAuthority: string;
  /** The name that the certificate holds, where the server's address is another. */
  tlsServerName?: string;
  token: string;
}

/** Writes a kubeconfig that holds everything itself, readable by its owner only. */
export function writeKubeconfig(file: string, access: Access): void {
  const cluster = {
    server: access.server,
    "certificate-authority-data": Buffer.from(access.certificateAuthority).toString("base64"),
    ...(access.tlsServerName === undefined ? {} : { "tls-server-name": access.tlsServerName }),
  };
  const name = "deepflow-otel";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name, user: { token: access.token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  writeFileSync(file, dump(config), { mode: 0o600 });
}
