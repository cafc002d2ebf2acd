import type { RunModel } from "./model.js";

/** A row for each candidate: what it is, where it comes from, its scores, what it cost. Cells that spreadsheets would compute are quoted. */
export function candidatesCsv({ record }: RunModel): string {
  const verifiers = record.verifiers.map(({ name }) => name);
  const head = [
    "id",
    "round",
    "op",
    "parents",
    "from",
    "level",
    "status",
    ...verifiers,
    "nfe",
    "forwards",
    "logWeight",
    "key",
  ];
  const rows = record.candidates.map(({ scores, cost, ...one }) => [
    one.id,
    one.round,
    one.op,
    one.parents.join(" "),
    one.from,
    one.level,
    one.status,
    ...verifiers.map((name) => scores[name]),
    cost.cold.nfe,
    cost.cold.forwards,
    one.logWeight,
    one.key,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: string | number | undefined): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  // A text that begins like a formula is one to a spreadsheet: a quote before it makes it text.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
