import { stripVTControlCharacters, styleText } from "node:util";
import Table from "cli-table3";
import { appHostIps, isRight, type Journey } from "../traffic.ts";

const headings = ["Pod", "Node", "Protocol", "Sent", "Received", "app.host.ip", "Right?"];

/** The journeys as a table that fits a window of `columns`; where it cannot, a block of lines each. */
export function journeyTable(journeys: readonly Journey[], columns = Infinity): string {
  const rows = journeys.map((journey) => [
    journey.pod,
    journey.node,
    journey.protocol,
    String(journey.sent),
    String(journey.received.length),
    appHostIps(journey).join(", ") || "(nothing arrived)",
    verdict(journey),
  ]);
  const table = new Table({ head: headings, style: { head: [], border: [] } });
  table.push(...rows);
  const wide = table.toString();
  if (wide.split("\n").every((line) => stripVTControlCharacters(line).length <= columns)) return wide;
  return rows
    .map((row) => row.map((cell, index) => `${headings[index] ?? ""}: ${cell}`).join("\n"))
    .join("\n\n");
}

function verdict(journey: Journey): string {
  if (isRight(journey)) return styleText("green", "right");
  const reason =
    journey.error ??
    (journey.received.length === journey.sent ? `expected ${journey.podIp}` : "spans missing");
  return styleText("red", `wrong: ${reason}`);
}
