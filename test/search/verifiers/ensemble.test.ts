import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { winner } from "../../../src/search/evaluation/index.js";
import { midRanks } from "../../../src/search/verifiers/ensembleRanks.js";
import {
  freezePool,
  type MemberScores,
  rankScores,
  rankScoresInPools,
  zScores,
} from "../../../src/search/verifiers/ensembleScores.js";
import { reference } from "../evaluation/helpers/reference.js";

const member = (
  name: string,
  scores: (number | undefined)[],
  direction: "higher" | "lower" = "higher",
): MemberScores => ({ name, direction, scores });

/** The rule's winner: the lowest mean rank. */
const best = (scores: (number | undefined)[]) =>
  winner(scores.map((score) => (score === undefined ? undefined : -score)));

describe("mid-ranks", () => {
  test("are scipy's, 1 = best", () => {
    for (const { a, midranks } of reference.ranks) expect(midRanks(a)).toEqual(midranks);
    expect(midRanks([3, 1, 3, 2])).toEqual([1.5, 4, 1.5, 3]);
    expect(midRanks([3, 1, 3, 2], "lower")).toEqual([3.5, 1, 3.5, 2]);
    expect(midRanks([0, -0, 1])).toEqual([2.5, 2.5, 1]);
    expect(midRanks([])).toEqual([]);
  });

  test("leave failures out", () => {
    expect(midRanks([1, NaN, 5, undefined, Infinity])).toEqual([2, undefined, 1, undefined, undefined]);
  });

  test("sum to n(n+1)/2, and follow a permutation", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 20 }), (scores) => {
        const ranks = midRanks(scores) as number[];
        expect(ranks.reduce((a, b) => a + b, 0)).toBe((scores.length * (scores.length + 1)) / 2);
        expect(midRanks([...scores].reverse())).toEqual([...ranks].reverse());
      }),
    );
  });
});

describe("the rank rule", () => {
  test("is the mean of the members' ranks, whatever their directions, by their weights", () => {
    const members = [member("a", [10, 20, 30]), member("b", [1, 2, 3], "lower"), member("c", [0, 5, 5])];
    expect(rankScores(members)).toEqual([7 / 3, 5.5 / 3, 5.5 / 3].map((score) => expect.closeTo(score, 12)));
    expect(rankScores(members, [0, 1, 0])).toEqual([1, 2, 3]);
    expect(rankScores(members, [2, 2, 0])).toEqual([2, 2, 2]);
  });

  test("keeps its winner under any monotone change of one member", () => {
    const scores = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 8, maxLength: 8 });
    const changes = [
      (x: number) => Math.exp(x),
      (x: number) => 1000 * x + 7,
      (x: number) => x ** 3,
      (x: number) => Math.atan(x),
    ];
    fc.assert(
      fc.property(scores, scores, scores, fc.nat(3), (a, b, c, which) => {
        // On a grid, so that no change of ours rounds two values together.
        const [x, y, z] = [a, b, c].map((column) => column.map((value) => Math.round(value * 100) / 100));
        const before = rankScores([member("a", x!), member("b", y!), member("c", z!)]);
        const changed = y!.map(changes[which]!);
        const after = rankScores([member("a", x!), member("b", changed), member("c", z!)]);
        const flipped = rankScores([
          member("a", x!),
          member(
            "b",
            y!.map((value) => -value),
            "lower",
          ),
          member("c", z!),
        ]);
        expect(after).toEqual(before);
        expect(flipped).toEqual(before);
        expect(best(after)).toBe(best(before));
      }),
    );
  });

  test("a candidate that any member failed on has no score and no place", () => {
    const members = [member("a", [1, 99, 3, 2]), member("b", [1, NaN, 3, undefined])];
    expect(rankScores(members)).toEqual([2, undefined, 1, undefined]);
  });

  test("ranks within each pool", () => {
    const members = [member("a", [1, 2, 30, 20, 10])];
    expect(rankScoresInPools(members, [0, 0, 1, 1, 1])).toEqual([2, 1, 1, 2, 3]);
    expect(rankScoresInPools(members, ["run", "run", "run", "run", "run"])).toEqual(rankScores(members));
  });
});

describe("the z-score rule", () => {
  test("measures by the frozen pool, whatever comes later", () => {
    const first = [member("a", [1, 2, 3]), member("b", [30, 20, 10], "lower")];
    const pool = freezePool(first);
    expect(pool).toEqual([
      { name: "a", mean: 2, deviation: 1 },
      { name: "b", mean: 20, deviation: 10 },
    ]);
    expect(zScores(first, pool)).toEqual([-1, 0, 1]);
    const later = [member("a", [5, NaN]), member("b", [0, 3], "lower")];
    expect(zScores(later, pool)).toEqual([2.5, undefined]);
    expect(zScores(later, pool, [3, 1])).toEqual([2.75, undefined]);
  });

  test("does not follow a monotone change: that is what ranks are for", () => {
    const [a, b] = [member("a", [0, 1, 2, 3]), member("b", [3, 2.9, 0, -1])];
    const stretched = member(
      "a",
      [0, 1, 2, 3].map((x) => Math.exp(5 * x)),
    );
    const scores = (members: MemberScores[]) => zScores(members, freezePool(members));
    expect(winner(scores([a, b]))).not.toBe(winner(scores([stretched, b])));
    expect(best(rankScores([a, b]))).toBe(best(rankScores([stretched, b])));
  });

  test("says why a pool cannot be frozen, and what it lacks", () => {
    expect(() => freezePool([member("flat", [2, 2, 2])])).toThrow(
      'Verifier flat gives all 3 candidates of the frozen pool the same score, so it has no z-score. Take the rule "rank", or leave it out.',
    );
    expect(() => freezePool([member("a", [1, NaN])])).toThrow("but verifier a has 1.");
    expect(() => zScores([member("c", [1])], freezePool([member("a", [1, 2])]))).toThrow(
      "The frozen pool has no verifier c. It has: a.",
    );
  });
});

test("what does not fit together is said", () => {
  const two = [member("a", [1, 2]), member("b", [3, 4])];
  expect(() => rankScores([])).toThrow("An ensemble needs at least one verifier.");
  expect(() => rankScores(two, [1])).toThrow("An ensemble of 2 verifiers needs 2 weights, but got 1.");
  expect(() => rankScores(two, [1, -1])).toThrow("numbers from 0 up, not all 0, but are 1, -1.");
  expect(() => rankScores(two, [0, NaN])).toThrow("numbers from 0 up");
  expect(() => rankScores([member("a", [1, 2]), member("b", [3])])).toThrow(
    "but a has 2 scores and b has 1.",
  );
});
