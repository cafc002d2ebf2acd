import type { ReportRow } from "../../reportRecord.js";
import { holm } from "../holm.js";
import type { Untold } from "./flagNotes.js";
import { Row, type Draft } from "./row.js";
import { Table, type TableParts } from "./table.js";

export interface Rows {
  readonly rows: readonly ReportRow[];
  readonly untold: readonly Untold[];
}

/** One row for each arm, budget and verifier, Holm's correction over all rows of a verifier and unit. */
export function rowsOf(parts: TableParts): Rows {
  const table = new Table(parts);
  const found = table.results.flatMap((result) =>
    table.verifiers.flatMap(({ verifier, drives }) => {
      const isSearched = result.arm.searched ? result.arm.searched.name === verifier.name : drives;
      return new Row(table, result, verifier, isSearched ? "searched" : "held-out").draft() ?? [];
    }),
  );
  const rows = found.map(({ draft }) => draft);
  correct(rows);
  return { rows, untold: found.flatMap(({ untold }) => untold) };
}

function correct(rows: readonly Draft[]): void {
  const families = new Map<string, Draft[]>();
  for (const row of rows) {
    const key = `${row.unit}/${row.verifier}`;
    families.set(key, [...(families.get(key) ?? []), row]);
  }
  for (const family of families.values()) {
    holm(family.map(({ pValue }) => pValue)).forEach((pValue, i) => {
      if (pValue !== undefined) family[i]!.pValue = pValue;
    });
  }
}
