/** A table whose columns are as wide as their widest cell and two spaces (cli/ctl/common/table/table.go). */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): { header: string; rows: string } {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => displayWidth(row[column] ?? "") + 2)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const gap = (widths[column] ?? 0) - displayWidth(cell);
      return `${cell}${" ".repeat(Math.max(0, gap))} `;
    });
    return `${padded.join("")}\n`;
  };
  return { header: line(header), rows: rows.map(line).join("") };
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[^\0-\uffff]/u;

/** Columns on a terminal, where East Asian characters take two. */
function displayWidth(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}
