import { reportCsv } from "../reportCsv.js";
import type { ReportArm, ReportRecord, ReportRow } from "../reportRecord.js";

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

  /** One line for each row, numbers in full. */
  toCSV(): string {
    return reportCsv(this.rows);
  }

  /** Plain data: everything that the report knows. */
  toJSON(): ReportRecord {
    return this.#record;
  }
}
