import { isObject } from "../shape.js";
import { packTable } from "./packTable.js";
import { unpackTable } from "./unpackTable.js";

/** Lists of a search's record that grow with the search. */
const LISTS = ["candidates", "rounds"] as const;

/** Shorter lists are written row by row, as they are read by people and by diffs. */
const LEAST = 64;

/** A search's output as it is written into a file: long lists of its record key by key, a sixth as large. The same JSON values. */
export function packSearch(output: unknown): unknown {
  return withLists(output, (list) =>
    Array.isArray(list) && list.length >= LEAST ? packTable(list) : undefined,
  );
}

/** A search's output as everything else knows it, from what a file holds. What is no table is left as it is. */
export function unpackSearch(saved: unknown): unknown {
  return withLists(saved, (list) => (Array.isArray(list) ? undefined : unpackTable(list)));
}

/** The output itself where no list changes. */
function withLists(output: unknown, change: (list: unknown) => unknown): unknown {
  const record = isObject(output) ? output["record"] : undefined;
  if (!isObject(output) || !isObject(record)) return output;
  const changed = LISTS.flatMap((name) => {
    const list = Object.hasOwn(record, name) ? change(record[name]) : undefined;
    return list === undefined ? [] : [[name, list] as const];
  });
  if (changed.length === 0) return output;
  return replaced(output, [["record", replaced(record, changed)]]);
}

/** Keys stay where they were. */
function replaced(
  object: Readonly<Record<string, unknown>>,
  changes: readonly (readonly [key: string, value: unknown])[],
): Record<string, unknown> {
  const by = new Map(changes);
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, by.has(key) ? by.get(key) : value]),
  );
}
