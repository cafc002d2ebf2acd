import type { RunResult } from "../run/runCells.js";

/** What a run did, for programs; the outputs themselves are in the notebook. */
export function jsonReport(
  name: string,
  { cells, outcome, milliseconds, notebook }: RunResult,
  exitCode: number,
): string {
  const parameters = notebook.meta["parameters"];
  const report = {
    notebook: name,
    outcome,
    exitCode,
    milliseconds: Math.round(milliseconds),
    ...(parameters !== undefined && { parameters }),
    cells: cells.map((cell) => ({ ...cell, milliseconds: Math.round(cell.milliseconds) })),
  };
  return `${JSON.stringify(report, null, 1)}\n`;
}
