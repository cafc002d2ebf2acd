import { repairCellIds } from "../cellId.js";
import type { Cell, Notebook } from "../notebook.js";

/**
 * A TypeScript module in the percent format that editors and jupytext know: a cell begins with "// %%", Markdown stands in comments. A line
 * that would begin a cell is written as "// \%%".
 */
export function toScript({ cells }: Notebook): string {
  return cells
    .map((cell) => [headOf(cell), ...cell.source.map((line) => lineOf(cell, line)), ""].join("\n"))
    .join("\n");
}

const headOf = ({ kind, id }: Cell): string => `// %%${kind === "markdown" ? " [markdown]" : ""} id="${id}"`;

function lineOf({ kind }: Cell, line: string): string {
  const written = kind === "code" ? line : line === "" ? "//" : `// ${line}`;
  return written.replace(/^(\/\/ ?\\*)%%/, "$1\\%%");
}

const HEAD = /^\/\/ ?%%(.*)$/;

/** Anything that is TypeScript is one: what stands before the first "// %%" is a cell too. */
export function fromScript(text: string, random: () => number): Notebook {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const parts: { readonly head: string; readonly lines: string[] }[] = [{ head: "", lines: [] }];
  for (const line of lines) {
    const head = HEAD.exec(line)?.[1];
    if (head === undefined) parts.at(-1)?.lines.push(line);
    else parts.push({ head, lines: [] });
  }
  const [preamble, ...cells] = parts;
  const all = preamble?.lines.some((line) => line.trim()) ? parts : cells;
  const ids = repairCellIds(
    all.map(({ head }) => /\bid="([^"]*)"/.exec(head)?.[1]),
    random,
  );
  return {
    dnb: 1,
    meta: {},
    cells: all.map(({ head, lines: own }, index) => {
      const kind = /^\s*\[(?:markdown|md)\]/.test(head) ? "markdown" : "code";
      return { id: ids[index] ?? "", kind, source: sourceOf(kind, own), outputs: [], extra: {} };
    }),
    extra: {},
  };
}

function sourceOf(kind: Cell["kind"], lines: readonly string[]): string[] {
  // One empty line ends a cell; the last cell's is the file's last line feed.
  const own = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  const plain = own.map((line) => line.replace(/^(\/\/ ?\\*)\\%%/, "$1%%"));
  return kind === "code" ? plain : plain.map((line) => line.replace(/^\/\/ ?/, ""));
}
