import { isObject } from "../shape.js";
import { DEPTH, roomFor, type Table } from "./column.js";

type Row = Record<string, unknown>;

/** The rows of a table from a file; undefined for anything that is none, or that would hold too much. */
export function unpackTable(table: unknown): Row[] | undefined {
  if (!isTable(table)) return undefined;
  try {
    return new Unpacker(roomFor(written(table.columns, DEPTH))).rows(table.columns, table.count, DEPTH);
  } catch (error) {
    if (error instanceof NoTable) return undefined;
    throw error;
  }
}

function isTable(value: unknown): value is Table {
  if (!isObject(value) || Object.keys(value).length !== 2) return false;
  return isCount(value["count"]) && isObject(value["columns"]);
}

/** Values in the rows and runs of the columns. */
function written(columns: unknown, depth: number): number {
  if (!isObject(columns)) return 0;
  let sum = 0;
  for (const key of Object.keys(columns)) sum += writtenIn(columns[key], depth);
  return sum;
}

function writtenIn(column: unknown, depth: number): number {
  if (!isObject(column)) return 0;
  const own = column["rows"] ?? column["runs"];
  if (Array.isArray(own)) return own.length;
  if (depth === 0) return 0;
  return (
    written(column["columns"], depth - 1) +
    writtenIn(column["lists"], 0) +
    writtenIn(column["items"], depth - 1)
  );
}

const FORMS = ["is", "runs", "rows", "columns", "lists", "items"];

/** What was read is not what a table looks like. */
class NoTable extends Error {}

class Unpacker {
  constructor(private left: number) {}

  rows(columns: Readonly<Record<string, unknown>>, count: number, depth: number): Row[] {
    this.take(count);
    const rows = Array.from({ length: count }, (): Row => ({}));
    for (const key of Object.keys(columns)) {
      const column = object(columns[key]);
      const ranges = column["in"] === undefined ? [0, count] : rangesOf(column["in"], count);
      let present = 0;
      for (let i = 0; i < ranges.length; i += 2) present += ranges[i + 1]! - ranges[i]!;
      const values = this.values(column, present, depth);
      let next = 0;
      for (let i = 0; i < ranges.length; i += 2)
        for (let row = ranges[i]!; row < ranges[i + 1]!; row++) set(rows[row]!, key, values[next++]);
    }
    return rows;
  }

  private values(column: Readonly<Record<string, unknown>>, count: number, depth: number): unknown[] {
    const forms = FORMS.filter((form) => Object.hasOwn(column, form));
    const known = forms.length + (column["in"] === undefined ? 0 : 1);
    if (forms.length !== (column["lists"] === undefined ? 1 : 2) || Object.keys(column).length !== known)
      throw new NoTable();
    if (depth > 0 && isObject(column["columns"])) return this.rows(column["columns"], count, depth - 1);
    this.take(count);
    if (depth > 0 && column["lists"] !== undefined) return this.lists(column, count, depth);
    if (Array.isArray(column["rows"]) && column["rows"].length === count) return column["rows"];
    if (Array.isArray(column["runs"])) return runsOf(column["runs"], count);
    if (!Object.hasOwn(column, "is")) throw new NoTable();
    return new Array<unknown>(count).fill(column["is"]);
  }

  private lists(column: Readonly<Record<string, unknown>>, count: number, depth: number): unknown[] {
    const lengths = this.values(object(column["lists"]), count, 0);
    let total = 0;
    for (const length of lengths) total += isCount(length) ? length : NaN;
    // Before anything of that size is made.
    if (!(total <= this.left)) throw new NoTable();
    const items = this.values(object(column["items"]), total, depth - 1);
    let next = 0;
    return lengths.map((length) => items.slice(next, (next += Number(length))));
  }

  private take(count: number): void {
    this.left -= count;
    if (this.left < 0) throw new NoTable();
  }
}

function runsOf(runs: readonly unknown[], count: number): unknown[] {
  const values: unknown[] = [];
  for (let i = 0; i + 1 < runs.length; i += 2) {
    const length = runs[i];
    if (!isCount(length) || length > count - values.length) throw new NoTable();
    for (let k = 0; k < length; k++) values.push(runs[i + 1]);
  }
  if (values.length !== count) throw new NoTable();
  return values;
}

/** Ascending, inside of the table. */
function rangesOf(value: unknown, count: number): readonly number[] {
  if (!Array.isArray(value) || value.length % 2 !== 0 || !value.every(isCount)) throw new NoTable();
  const isAscending = value.every((at, index) => index === 0 || at >= value[index - 1]!);
  if (!isAscending || (value.at(-1) ?? 0) > count) throw new NoTable();
  return value;
}

/** Also `__proto__` is a key like any other. */
function set(row: Row, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(row, key, { value, enumerable: true, configurable: true, writable: true });
  else row[key] = value;
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw new NoTable();
  return value;
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
