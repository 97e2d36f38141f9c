import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deepflowCtl } from "../../components/agent-group-config/deepflow-ctl.ts";
import { httpApi } from "../../components/agent-group-config/http-api.ts";
import type { Transport } from "../../components/agent-group-config/transport.ts";
import type { Controller } from "../../local/deepflow/controller.ts";
import { installDeepflowCtl } from "../../local/deepflow/deepflow-ctl.ts";

/** A way to a server of a generation. */
export interface Lane {
  readonly name: string;
  readonly generation: "new" | "old";
  readonly transport: (controller: Pick<Controller, "host" | "port">, timeoutSeconds?: number) => Transport;
}

const folder = mkdtempSync(join(tmpdir(), "deepflow-ctl-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});
const tools = {
  new: installDeepflowCtl(join(folder, "new"), { generation: "new" }),
  // The one that says something on stderr at every call.
  old: installDeepflowCtl(join(folder, "old"), { generation: "v6.5.9" }),
};

function byTool(generation: "new" | "old"): Lane {
  return {
    name: `deepflow-ctl, ${generation} generation`,
    generation,
    transport: ({ host, port }, timeoutSeconds = 5) =>
      deepflowCtl(tools[generation], { host, port, timeoutSeconds }),
  };
}

function byHttp(generation: "new" | "old"): Lane {
  return {
    name: `HTTP, ${generation} generation`,
    generation,
    transport: ({ host, port }, timeoutSeconds = 5) => httpApi({ host, port, timeoutSeconds }),
  };
}

export const lanes = {
  newHttp: byHttp("new"),
  oldHttp: byHttp("old"),
  newTool: byTool("new"),
  oldTool: byTool("old"),
};
