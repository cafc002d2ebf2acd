import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonLines } from "../../../src/document/merge/commonLines.js";
import { mergeLines } from "../../../src/document/merge/mergeLines.js";

/** Length of a longest common subsequence, by the table of all prefixes. */
function longest(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    b.forEach((other, index) => {
      next.push(line === other ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!));
    });
    row = next;
  }
  return row.at(-1)!;
}

function checked(a: readonly string[], b: readonly string[]) {
  const common = commonLines(a, b);
  let [lastX, lastY] = [-1, -1];
  for (const [x, y] of common) {
    if (x <= lastX || y <= lastY || a[x] === undefined || a[x] !== b[y])
      throw new Error(`${x}, ${y} are no common lines behind ${lastX}, ${lastY}`);
    [lastX, lastY] = [x, y];
  }
  return common;
}

/** Of this process, so that what else the machine does is not counted. */
function seconds<T>(work: () => T): [T, number] {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
}

const numbered = (count: number, name: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(index));

describe("the lines that two lists have in common", () => {
  it("are as many as can be", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "{", ""), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        expect(checked(a, b)).toHaveLength(longest(a, b));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ["20,000 equal lines in each", numbered(20_000, () => "x"), numbered(19_000, () => "x"), 19_000],
    ["none at all", numbered(20_000, (i) => `a${i}`), numbered(20_000, (i) => `b${i}`), 0],
    [
      "more changes than are searched for, around lines that stand once",
      numbered(20_000, (i) => (i % 100 === 0 ? `once ${i}` : String((i * 7919) % 5))),
      numbered(20_000, (i) => (i % 100 === 0 ? `once ${i}` : String((i * 104729) % 7))),
      200,
    ],
  ])("are found within 2 s: %s", (_, a, b, least) => {
    const [common, time] = seconds(() => checked(a, b));
    expect(common.length).toBeGreaterThanOrEqual(least);
    expect(time).toBeLessThan(2);
  });
});

describe("a merge of lines", () => {
  it("of a cell with 20,000 equal lines takes both changes within 2 s", () => {
    const base = numbered(20_000, () => "0,");
    const ours = base.toSpliced(5000, 0, "ours");
    const theirs = base.with(19_999, "theirs").toSpliced(15_000, 10);
    const [merged, time] = seconds(() => mergeLines(base, ours, theirs));
    const both = ours.with(20_000, "theirs").toSpliced(15_001, 10);
    expect([merged.isConflict, merged.ours.join("\n") === both.join("\n")]).toEqual([false, true]);
    expect(merged.theirs).toEqual(merged.ours);
    expect(time).toBeLessThan(2);
  });

  it("takes what one side did, once what both did, and loses no line that one side added", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "", "{", "}"), { maxLength: 10 });
    fc.assert(
      fc.property(lines, lines, lines, (o, a, b) => {
        expect(mergeLines(o, a, o)).toEqual({ ours: a, theirs: a, isConflict: false });
        expect(mergeLines(o, o, b)).toEqual({ ours: b, theirs: b, isConflict: false });
        expect(mergeLines(o, a, a)).toEqual({ ours: a, theirs: a, isConflict: false });
        const marked = (side: string, list: string[]): string[] =>
          list.flatMap((line, i) => [line, `${side}${i}`]);
        const [mine, yours] = [marked("ours", a), marked("theirs", b)];
        const { ours, theirs, isConflict } = mergeLines(o, mine, yours);
        for (const line of mine) expect(ours).toContain(line);
        for (const line of yours) expect(theirs).toContain(line);
        if (!isConflict) expect(ours).toEqual(theirs);
      }),
      { numRuns: 1000 },
    );
  });
});
