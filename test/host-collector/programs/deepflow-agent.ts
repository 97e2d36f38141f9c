/** The deepflow-agent of a host: the stand-in for its integration collector. A line of JSON for each span. */
import { receivePort } from "../../../local/deepflow/deepflow-agent.ts";
import { startIntegrationCollector } from "../../../local/deepflow/integration-collector.ts";

await startIntegrationCollector({
  address: "127.0.0.1",
  port: receivePort,
  onRequest: ({ spans }) => {
    for (const span of spans) console.log(JSON.stringify(span));
  },
});
console.log(JSON.stringify({ listening: receivePort }));
