import type { ReportRow } from "./reportRecord.js";

const COLUMNS = [
  "algorithm",
  "budget",
  "unit",
  "verifier",
  "role",
  "mean",
  "low",
  "high",
  "gain",
  "gainLow",
  "gainHigh",
  "pValue",
  "winRate",
  "better",
  "same",
  "worse",
  "failures",
  "fresh",
  "freshLow",
  "freshHigh",
  "optimism",
  "optimismLow",
  "optimismHigh",
  "diversity",
  "gap",
  "gapLow",
  "gapHigh",
  "agreement",
  "slope",
  "nfe",
  "calls",
  "seconds",
  "flags",
  "why",
  "note",
] as const satisfies readonly (keyof ReportRow)[];

/** One line for each row, numbers in full, RFC 4180. What is not known is empty; several flags or sentences are set off by "; ". */
export function reportCsv(rows: readonly ReportRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => field(row[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

function field(value: ReportRow[(typeof COLUMNS)[number]]): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : value.join("; ");
  // A spreadsheet would take a name that begins like a formula for one.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
