import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packTable } from "../../../src/document/columns/packTable.js";
import { unpackTable } from "../../../src/document/columns/unpackTable.js";

/** Few keys and few values, so that rows repeat each other, lack keys and mix kinds. */
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<unknown>(0, 1, 0.1 + 0.2, -1e-7, "", "r1-c0", "__proto__", true, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "7", "__proto__", "constructor"), tie("value"), { maxKeys: 3 }),
  ),
})).value;
const row = fc.dictionary(fc.constantFrom("id", "b", "a", "7", "__proto__"), value, { maxKeys: 4 });
const anyRows = fc.array(row, { maxLength: 40 }).map((rows) => JSON.parse(JSON.stringify(rows)) as unknown[]);

describe("a list as a table", () => {
  it("comes back as it was, from the text of a file, and is then written as before", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const text = JSON.stringify(packTable(rows));
        const again = unpackTable(JSON.parse(text));
        if (!isDeepStrictEqual(again, rows)) expect(again).toEqual(rows);
        expect(JSON.stringify(packTable(again!))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("names a key once, what stays the same once, and where it is missing", () => {
    const rows = [
      { id: "a", cost: { nfe: 8 }, parents: [] },
      { id: "b", cost: { nfe: 8 }, parents: ["a"], at: 1 },
      { id: "c", cost: { nfe: 8 }, parents: ["a", "b"], at: 1 },
    ];
    expect(packTable(rows)).toEqual({
      count: 3,
      columns: {
        id: { rows: ["a", "b", "c"] },
        cost: { columns: { nfe: { is: 8 } } },
        parents: { lists: { rows: [0, 1, 2] }, items: { rows: ["a", "a", "b"] } },
        at: { in: [1, 3], is: 1 },
      },
    });
  });

  it.each([
    ["of numbers", [1, 2]],
    ["with a hole", [{}, null]],
  ])("is none %s", (_, rows) => {
    expect(packTable(rows)).toBeUndefined();
  });

  const table = (column: unknown, count = 2) => ({ count, columns: { id: column } });
  it.each([
    ["no table", [1]],
    ["a count of nothing", { count: -1, columns: {} }],
    ["a key from the future", { count: 0, columns: {}, later: 1 }],
    ["a column that is none", table(7)],
    ["a column of two kinds", table({ is: 1, rows: [1, 2] })],
    ["a column of no kind", table({ in: [0, 2] })],
    ["too few values", table({ rows: [1] })],
    ["runs that end early", table({ runs: [1, "a"] })],
    ["runs that go on", table({ runs: [1, "a", 2, "b"] })],
    ["runs that go back", table({ runs: [3, "a", -1, "b"] })],
    ["ranges outside", table({ in: [0, 3], is: 1 })],
    ["ranges that go back", table({ in: [1, 2, 0, 1], is: 1 })],
    ["ranges that are text", table({ in: "01", is: 1 })],
    ["lists of no length", table({ lists: { is: -1 }, items: { is: 1 } })],
    ["lists without items", table({ lists: { is: 1 } })],
    ["a billion rows", table({ is: 1 }, 1e9)],
    ["a billion items", table({ lists: { is: 1e9 }, items: { is: 1 } })],
    ["objects inside each other without end", table(nested(100))],
  ])("is not read from %s", (_, saved) => {
    expect(unpackTable(saved)).toBeUndefined();
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? { is: 1 } : { columns: { a: nested(depth - 1) } };
}
