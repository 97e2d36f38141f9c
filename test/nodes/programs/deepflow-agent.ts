/**
 * Stands in for DeepFlow's agent, at the address and port that it is called with, until its standard input
 * ends. Standard output: a line `traceId spanId app.host.ip` for every span, "-" where there is no address.
 */
import { startIntegrationCollector } from "../../../local/deepflow/integration-collector.ts";

const [address = "", port = ""] = process.argv.slice(2);
const agent = await startIntegrationCollector({
  address,
  port: Number(port),
  onRequest({ spans }) {
    const lines = spans.map(({ traceId, spanId, resource }) => {
      const host = resource["app.host.ip"];
      return `${traceId} ${spanId} ${typeof host === "string" ? host : "-"}\n`;
    });
    process.stdout.write(lines.join(""));
  },
  onDecodeError(reason) {
    console.error(reason);
  },
});
process.stdout.write("listening\n");
process.stdin.resume().once("end", () => {
  void agent.close().then(() => process.exit(0));
});
