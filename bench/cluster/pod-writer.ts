import { ApiConnection } from "./api.ts";
import { namespace, podName, podObject, podStatus } from "./pods.ts";

/** Pods that are written at once. */
const writtenAtOnce = 40;

/** Fills a cluster with pods, which nothing runs. */
export class PodWriter {
  readonly #api: ApiConnection;
  #written = 0;

  private constructor(api: ApiConnection) {
    this.#api = api;
  }

  static async open(kubeconfig: string): Promise<PodWriter> {
    const api = await ApiConnection.open(kubeconfig);
    const named = (name: string) => ({ metadata: { name } });
    await api.send("POST", "/api/v1/namespaces", named(namespace));
    // A controller's work elsewhere; no pod is admitted without it.
    await api.send("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, named("default"));
    return new PodWriter(api);
  }

  async writeUpTo(pods: number, onProgress: (text: string) => void): Promise<void> {
    const write = async () => {
      while (this.#written < pods) {
        const index = this.#written;
        this.#written += 1;
        if (index % 500 === 0) onProgress(`writing pods: ${index} of ${pods}`);
        await this.#write(index);
      }
    };
    await Promise.all(Array.from({ length: writtenAtOnce }, write));
  }

  async #write(index: number): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    await this.#api.send("POST", path, podObject(index));
    const status = { status: podStatus(index) };
    const type = "application/merge-patch+json";
    await this.#api.send("PATCH", `${path}/${podName(index)}/status`, status, type);
  }

  close(): void {
    this.#api.close();
  }
}
