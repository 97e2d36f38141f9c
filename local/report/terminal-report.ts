import { stripVTControlCharacters, styleText } from "node:util";
import Table from "cli-table3";
import type { ComparedService } from "../replay/compared-services.ts";
import type { Replay } from "../replay/replay.ts";

const headings = ["Service", "Node", "app.host.ip", "Sent", "Received", "Right?"];

/**
 * What replays have shown, for a window of `columns`: which calls, which spans of each service, and all that
 * is wrong.
 */
export function replayReport(replays: readonly Replay[], columns = Infinity): string {
  const problems = replays.flatMap((replay) => replay.problems);
  const verdict =
    problems.length === 0
      ? styleText(
          "green",
          "Every span arrived in DeepFlow with the address of the pod that sent it, and every call that spans can show is there.",
        )
      : styleText("red", ["Not everything is right:", ...problems.map((line) => `  - ${line}`)].join("\n"));
  const demos = replays.map((replay) => `${callsSeen(replay)}\n${servicesTable(replay.services, columns)}`);
  return [...demos, verdict].join("\n\n");
}

function callsSeen({ demo, edges }: Replay): string {
  const expected = edges.filter(({ state }) => state !== "unexpected").length;
  const seen = edges.filter(({ state }) => state === "seen").length;
  const untraced = edges.filter(({ state }) => state === "untraced");
  return [
    `${demo.title}: ${seen} of ${expected} calls are in its trace`,
    ...untraced.map(({ from, to }) => `not in it: ${from} → ${to}, where no service has an SDK`),
  ].join("; ");
}

/**
 * What became of the spans of a demo's services, as a table that fits a window of `columns`; where it cannot,
 * a block of lines each.
 */
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
