import { commonLines } from "../../document/merge/commonLines.js";
import type { Cell, Notebook } from "../../document/notebook.js";
import { writeNotebook } from "../../document/writeNotebook.js";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { openNotebook } from "../files.js";
import { readArguments } from "../readArguments.js";
import { headOf, outputLines } from "./plainCell.js";

/** Equal lines shown around a change. */
const CONTEXT = 2;

export const diffCommand: Command = {
  name: "diff",
  summary: "compare two notebooks cell by cell",
  usage: `Usage: dnb diff <old.dnb> <new.dnb> [--no-outputs]

Says which cells were added, deleted, moved or changed, with the lines.

      --no-outputs   sources only

Exit code: 0 if they are the same, 1 if they differ.`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, { "no-outputs": { type: "boolean" } });
    const [before, after, ...more] = positionals;
    if (before === undefined || after === undefined || more.length)
      throw new UsageError(`diff takes two notebooks, but there are ${positionals.length}`);
    const lines = diff(openNotebook(before), openNotebook(after), !values["no-outputs"]);
    const paint = process.stdout.isTTY ? coloured : (line: string) => line;
    process.stdout.write(lines.map((line) => `${paint(line)}\n`).join(""));
    return lines.length ? EXIT.failed : EXIT.ok;
  },
};

/** Lines as of a unified diff, under a line for each cell that differs; none when nothing does. */
export function diff(before: Notebook, after: Notebook, withOutputs: boolean): string[] {
  const old = new Map(before.cells.map((cell) => [cell.id, cell]));
  const kept = new Set(after.cells.map(({ id }) => id));
  const text = (cell: Cell): string[] => [...cell.source, ...(withOutputs ? outputLines(cell) : [])];
  const deleted = before.cells
    .filter(({ id }) => !kept.has(id))
    .flatMap((cell) => [`--- ${headOf(cell)}`, ...text(cell).map((line) => `-${line}`)]);
  const [stood, stand] = [before, after].map(({ cells }) =>
    cells.map(({ id }) => id).filter((id) => old.has(id) && kept.has(id)),
  ) as [string[], string[]];
  // Moved: out of the common order, so that one cell that went up does not make all others go down.
  const moved = new Set(stand);
  for (const [place] of commonLines(stood, stand)) moved.delete(stood[place] ?? "");
  const rest = after.cells.flatMap((cell) => {
    const previous = old.get(cell.id);
    if (!previous) return [`+++ ${headOf(cell)}`, ...text(cell).map((line) => `+${line}`)];
    const note = moved.has(cell.id) ? " (moved)" : "";
    const changes = changesOf(text(previous), text(cell));
    const others =
      JSON.stringify([previous.kind, previous.extra]) === JSON.stringify([cell.kind, cell.extra])
        ? []
        : [`-${headOf(previous)}`, `+${headOf(cell)}`];
    const pictures =
      withOutputs && !changes.length && JSON.stringify(previous.outputs) !== JSON.stringify(cell.outputs)
        ? ["~// > other pictures or data"]
        : [];
    const lines = [...others, ...changes, ...pictures];
    return lines.length || note ? [`*** ${headOf(cell)}${note}`, ...lines] : [];
  });
  const bare = (notebook: Notebook): string => writeNotebook({ ...notebook, cells: [] });
  const head =
    bare(before) === bare(after)
      ? []
      : ["*** the notebook", ...changesOf(bare(before).split("\n"), bare(after).split("\n"))];
  return [...head, ...deleted, ...rest];
}

/** The changed lines with a few equal ones around them; "@@" where lines are left out. */
function changesOf(before: string[], after: string[]): string[] {
  const lines: string[] = [];
  let [old, now] = [0, 0];
  for (const [x, y] of [...commonLines(before, after), [before.length, after.length] as const]) {
    while (old < x) lines.push(`-${before[old++]}`);
    while (now < y) lines.push(`+${after[now++]}`);
    if (x < before.length) lines.push(` ${before[x]}`);
    [old, now] = [x + 1, y + 1];
  }
  if (lines.every((line) => line.startsWith(" "))) return [];
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((line) => !line.startsWith(" "));
  return lines.flatMap((line, index) => {
    if (near(index)) return [line];
    return index === 0 || near(index - 1) ? ["@@"] : [];
  });
}

function coloured(line: string): string {
  const colour = { "-": 31, "+": 32, "@": 36, "*": 1, "~": 33 }[line[0] ?? ""];
  return colour === undefined ? line : `\u001b[${colour}m${line}\u001b[0m`;
}
