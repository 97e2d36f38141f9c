import { stripVTControlCharacters, styleText } from "node:util";
import Table from "cli-table3";
import type { ComparedService } from "../replay/compared-services.ts";

const headings = ["Service", "Node", "app.host.ip", "Sent", "Received", "Right?"];

/** What became of the spans of a demo's services, as a table that fits a window of `columns`; where it cannot, a block of lines each. */
export function servicesTable(services: readonly ComparedService[], columns = Infinity): string {
  const rows = services.map((service) => [
    service.name,
    service.node,
    service.serviceName === undefined ? "no SDK" : service.appHostIps.join(", ") || "(nothing arrived)",
    ...(service.serviceName === undefined ? ["", ""] : [String(service.sent), String(service.received)]),
    verdict(service),
  ]);
  const noLines = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const table = new Table({
    head: headings.map((heading) => styleText("bold", heading)),
    style: { head: [], border: [] },
    chars: noLines,
  });
  table.push(...rows);
  const wide = table.toString();
  if (wide.split("\n").every((line) => stripVTControlCharacters(line).length <= columns)) return wide;
  return rows
    .map((row) =>
      row.flatMap((cell, index) => (cell === "" ? [] : `${headings[index] ?? ""}: ${cell}`)).join("\n"),
    )
    .join("\n\n");
}

function verdict({ problem }: ComparedService): string {
  return problem === undefined ? styleText("green", "right") : styleText("red", "wrong");
}
