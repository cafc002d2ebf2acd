import type { ReportArm, ReportRecord, ReportRow } from "../reportRecord.js";

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
  "optimism",
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

/** What `compare` found. Shown by a cell it is a table with intervals and flags, and the scaling curves. */
export class Report {
  readonly #record: ReportRecord;

  constructor(record: ReportRecord) {
    this.#record = record;
  }

  get rows(): readonly ReportRow[] {
    return this.#record.rows;
  }

  get arms(): readonly ReportArm[] {
    return this.#record.arms;
  }

  /** What a reader has to know beside the numbers. */
  get notes(): readonly string[] {
    return this.#record.notes;
  }

  /** One line for each row, numbers in full, RFC 4180. What is not known is empty; of several flags and sentences each is set off by "; ". */
  toCSV(): string {
    const lines = this.rows.map((row) => COLUMNS.map((column) => field(row[column])).join(","));
    return [COLUMNS.join(","), ...lines, ""].join("\r\n");
  }

  /** Plain data: everything that the report knows. */
  toJSON(): ReportRecord {
    return this.#record;
  }
}

function field(value: ReportRow[(typeof COLUMNS)[number]]): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : value.join("; ");
  // A spreadsheet would take a name that begins like a formula for one.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
