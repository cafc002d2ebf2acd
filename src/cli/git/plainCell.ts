import { conflictOf, roleOf, tagsOf } from "../../document/cellLabels.js";
import type { Cell, Output } from "../../document/notebook.js";
import { ERROR, textOf } from "../../document/outputs.js";
import { MIME } from "../../kernel/protocol.js";

/** "// %% [k3f9a2] code, parameters, #slow": a cell's first line as text. */
export function headOf(cell: Cell): string {
  const conflict = conflictOf(cell);
  const role = roleOf(cell);
  const labels = [
    cell.kind,
    ...(role === undefined ? [] : [role]),
    ...tagsOf(cell).map((tag) => `#${tag}`),
    ...(conflict ? [`conflict: ${conflict.side} of ${conflict.of}`] : []),
  ];
  return `// %% [${cell.id}] ${labels.join(", ")}`;
}

/** Outputs as lines that begin with "// > ": their text, and of what is no text its type and size. */
export const outputLines = ({ outputs }: Cell): string[] =>
  outputs.flatMap(linesOf).map((line) => (line ? `// > ${line}` : "// >"));

function linesOf({ items }: Output): string[] {
  const error = items.find(({ mime }) => mime === ERROR);
  if (error && "json" in error) {
    const { name, message } = error.json as { name?: string; message?: string };
    return [`${name}: ${message}`];
  }
  const item =
    items.find(({ mime }) => mime === MIME.plain) ?? items.find((one) => textOf(one) !== undefined);
  const text = item && textOf(item);
  if (text !== undefined) return text.replace(/\n$/, "").split("\n");
  return items.map(
    (one) => `[${one.mime}, ${"base64" in one ? one.base64.length : JSON.stringify(one).length} characters]`,
  );
}

/** A cell as `dnb textconv` prints it. */
export const plainCell = (cell: Cell): string[] => [headOf(cell), ...cell.source, ...outputLines(cell), ""];
