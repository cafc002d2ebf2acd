import { isObject } from "../shape.js";
import { DEPTH, roomFor, type Column, type Table } from "./column.js";

/**
 * The rows as a table: the same JSON values, so that `unpackTable` gives them back with the keys of each object in the order in which the
 * list first names them. Undefined for a list that is not of objects, and for one that says so little that it would not be read again.
 */
export function packTable(rows: readonly unknown[]): Table | undefined {
  if (!rows.every(isObject)) return undefined;
  const packer = new Packer();
  const columns = packer.columns(rows, DEPTH);
  return rows.length + packer.values > roomFor(packer.written) ? undefined : { count: rows.length, columns };
}

class Packer {
  /** Counted as `unpackTable` counts them. */
  values = 0;
  written = 0;

  columns(rows: readonly Readonly<Record<string, unknown>>[], depth: number): Record<string, Column> {
    const keys = new Map<string, { readonly values: unknown[]; readonly ranges: number[] }>();
    rows.forEach((row, index) => {
      for (const key of Object.keys(row)) {
        const value = row[key];
        // JSON has no such value: a key without one is not there.
        if (value === undefined) continue;
        let column = keys.get(key);
        if (!column) keys.set(key, (column = { values: [], ranges: [] }));
        column.values.push(value);
        const { ranges } = column;
        if (ranges.at(-1) === index) ranges[ranges.length - 1] = index + 1;
        else ranges.push(index, index + 1);
      }
    });
    return Object.fromEntries(
      [...keys].map(([key, { values, ranges }]) => {
        const column = this.column(values, depth);
        return [key, values.length === rows.length ? column : { in: ranges, ...column }];
      }),
    );
  }

  private column(values: readonly unknown[], depth: number): Column {
    this.values += values.length;
    if (values.length > 0 && depth > 0) {
      if (values.every(isObject)) return { columns: this.columns(values, depth - 1) };
      if (values.every(isList)) {
        const lists = this.column(
          values.map(({ length }) => length),
          0,
        );
        return { lists, items: this.column(values.flat(), depth - 1) };
      }
    }
    const column = plain(values);
    if ("rows" in column) this.written += column.rows.length;
    if ("runs" in column) this.written += column.runs.length;
    return column;
  }
}

function plain(values: readonly unknown[]): Column {
  // Objects that say the same may have their keys in different orders, and that must not decide how they are written.
  if (values.length === 0 || values.some((value) => typeof value === "object" && value !== null))
    return { rows: values };
  const runs: unknown[] = [];
  let since = 0;
  for (let index = 1; index <= values.length; index++) {
    if (index < values.length && values[index] === values[since]) continue;
    runs.push(index - since, values[since]);
    since = index;
  }
  if (runs.length === 2) return { is: values[0] };
  return runs.length <= values.length ? { runs } : { rows: values };
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
