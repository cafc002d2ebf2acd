import { MIME, type WireItem } from "../protocol.js";
import { inspectWithin } from "./inspectWithin.js";

const MOST_ROWS = 200;
const MOST_COLUMNS = 30;
/** Characters of a value in the table; the value itself has them all. */
const WIDEST = 80;

/** An array of plain objects, as a table: a row for each, a column for each name that occurs. Nothing of it is ever HTML of the values' own. */
export function formatTable(value: unknown): readonly WireItem[] | undefined {
  if (!Array.isArray(value) || !value.length || !value.slice(0, MOST_ROWS).every(isRow)) return undefined;
  const rows: readonly Row[] = value.slice(0, MOST_ROWS);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (!names.length) return undefined;
  const columns = names.slice(0, MOST_COLUMNS);
  const cells = rows.map((row) => columns.map((name) => cellOf(row, name)));
  const isNumeric = columns.map((_, i) => cells.every((row) => row[i]!.isNumber || row[i]!.text === ""));
  const left = [
    ...(value.length > rows.length ? [`${value.length - rows.length} more rows`] : []),
    ...(names.length > columns.length ? [`${names.length - columns.length} more columns`] : []),
  ];
  const note = left.length ? `… ${left.join(", ")}` : "";
  return [
    { mime: MIME.html, text: html(columns, cells, isNumeric, note) },
    { mime: MIME.plain, text: plain(columns, cells, isNumeric, note) },
  ];
}

type Row = Readonly<Record<string, unknown>>;

interface Cell {
  readonly text: string;
  readonly isNumber: boolean;
}

function isRow(value: unknown): value is Row {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function cellOf(row: Row, name: string): Cell {
  const property = Object.getOwnPropertyDescriptor(row, name);
  if (!property) return { text: "", isNumber: false };
  // A getter is not called: it may do anything.
  if (!("value" in property)) return { text: "[Getter]", isNumber: false };
  const value: unknown = property.value;
  const isNumber = typeof value === "number" || typeof value === "bigint";
  const text =
    typeof value === "string" ? value : inspectWithin(value, { depth: 1, parts: 100, breakLength: Infinity });
  const line = text.replace(/\s*\n\s*/g, " ");
  return { text: line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line, isNumber };
}

function html(
  columns: readonly string[],
  cells: readonly Cell[][],
  isNumeric: boolean[],
  note: string,
): string {
  const align = (i: number): string => ` style="text-align:${isNumeric[i] ? "right" : "left"}"`;
  const head = columns.map((name, i) => `<th${align(i)}>${escape(name)}</th>`).join("");
  const body = cells.map(
    (row, k) =>
      `<tr><th>${k}</th>${row.map(({ text }, i) => `<td${align(i)}>${escape(text)}</td>`).join("")}</tr>`,
  );
  const table = `<table><thead><tr><th></th>${head}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>`;
  return note ? `${table}\n<p>${note}</p>` : table;
}

function plain(
  columns: readonly string[],
  cells: readonly Cell[][],
  isNumeric: boolean[],
  note: string,
): string {
  const lines = [["", ...columns], ...cells.map((row, k) => [String(k), ...row.map(({ text }) => text)])];
  const widths = ["", ...columns].map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const padded = lines.map((line) =>
    line
      .map((text, i) => (i === 0 || isNumeric[i - 1] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return [...padded, ...(note ? [note] : [])].join("\n");
}

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
