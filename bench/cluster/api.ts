import { once } from "node:events";
import { connect, type ClientHttp2Session } from "node:http2";
import { text } from "node:stream/consumers";
import { KubeConfig } from "@kubernetes/client-node";

/** One connection to the API server: HTTP/2 over TLS, as Collectors have. */
export class ApiConnection {
  readonly #session: ClientHttp2Session;
  readonly #authorization: string;

  private constructor(session: ClientHttp2Session, token: string) {
    this.#session = session;
    this.#authorization = `Bearer ${token}`;
  }

  /** Connects as a kubeconfig says. */
  static async open(kubeconfig: string): Promise<ApiConnection> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const cluster = config.getCurrentCluster();
    const ca = Buffer.from(cluster?.caData ?? "", "base64");
    const servername = cluster?.tlsServerName;
    const session = connect(cluster?.server ?? "", { ca, ...(servername !== undefined && { servername }) });
    await once(session, "connect");
    return new ApiConnection(session, config.getCurrentUser()?.token ?? "");
  }

  /**
   * Sends a request and returns the body of its answer.
   *
   * @throws Error with what the API server said, if it is no success.
   */
  async send(method: string, path: string, body?: object, contentType = "application/json"): Promise<string> {
    const stream = this.#session.request({
      ":method": method,
      ":path": path,
      authorization: this.#authorization,
      ...(body && { "content-type": contentType }),
    });
    stream.end(body && JSON.stringify(body));
    const [headers] = (await once(stream, "response")) as [{ ":status"?: number }];
    const answer = await text(stream);
    const status = headers[":status"] ?? 0;
    if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${answer}`);
    return answer;
  }

  /** Begins a watch, which lasts as long as the connection; `onEvent` gets each event's type. */
  watch(path: string, onEvent: (type: string) => void): void {
    const stream = this.#session.request({ ":path": path, authorization: this.#authorization });
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onEvent((JSON.parse(line) as { type: string }).type);
    });
    // It ends with the connection.
    stream.on("error", () => undefined);
  }

  close(): void {
    this.#session.destroy();
  }
}

/** What the API server says of its own process. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly rssMib: number;
}

/** Reads the process's figures from metrics in Prometheus' text format. */
export function processFigures(metrics: string): ProcessFigures {
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
  return {
    cpuSeconds: value("process_cpu_seconds_total"),
    rssMib: value("process_resident_memory_bytes") / 2 ** 20,
  };
}
