import { describe, expect, test } from "vitest";
import {
  estimate,
  gains,
  holm,
  slopePerDoubling,
  spearman,
  wins,
} from "../../../src/search/evaluation/index.js";
import { normals } from "../../../src/search/random/normals.js";
import { reference } from "./helpers/reference.js";

/** Differences of one comparison: a problem's own effect, and noise of each seed. */
function comparison(simulation: number, problems: number, seeds: number, truth: number, skewed = false) {
  const draws = normals({ seed: simulation, path: `simulated/${problems}` }, problems * (1 + seeds));
  const effect = (z: number) => (skewed ? z * z - 1 : z);
  return Array.from({ length: problems }, (_, problem) =>
    Array.from({ length: seeds }, (_, seed) => {
      const own = effect(draws[problem * (1 + seeds)]!);
      return truth + own + 0.7 * draws[problem * (1 + seeds) + 1 + seed]!;
    }),
  );
}

function coverage(simulations: number, problems: number, seeds: number, skewed = false): number {
  let covered = 0;
  for (let simulation = 0; simulation < simulations; simulation++) {
    const { low, high } = estimate(comparison(simulation, problems, seeds, 0.3, skewed), {
      resamples: 1000,
      seed: simulation,
    });
    if (low! <= 0.3 && 0.3 <= high!) covered++;
  }
  return covered / simulations;
}

describe("the interval", () => {
  test.each([
    [20, 3],
    [10, 2],
    [7, 1],
  ])("covers 93 to 97 percent of 1,000 simulated comparisons: %i problems, %i seed(s)", (problems, seeds) => {
    const share = coverage(1000, problems, seeds);
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.97);
  });

  test.each([
    [1, 8],
    [3, 3],
    [6, 2],
  ])("covers as well over seeds: %i problem(s), %i seeds", (problems, seeds) => {
    let covered = 0;
    for (let simulation = 0; simulation < 1000; simulation++) {
      const values = Array.from({ length: problems }, (_, problem) => [
        ...normals({ seed: simulation, path: `seeds/${problem}` }, seeds).map((value) => value + problem),
      ]);
      const { low, high, over } = estimate(values, { resamples: 1000, seed: simulation });
      expect(over).toBe("seeds");
      const truth = (problems - 1) / 2;
      if (low! <= truth && truth <= high!) covered++;
    }
    expect(covered / 1000).toBeGreaterThanOrEqual(0.93);
    expect(covered / 1000).toBeLessThanOrEqual(0.97);
  });

  test("does not lose much to skewed differences", () => {
    expect(coverage(400, 40, 1, true)).toBeGreaterThan(0.9);
  });

  test("treats problems as clusters: more seeds of the same problems make it no narrower than the problems allow", () => {
    const one = comparison(3, 12, 1, 0);
    const repeated = one.map(([value]) => Array.from({ length: 50 }, () => value));
    const [single, many] = [estimate(one), estimate(repeated)];
    expect(many.low).toBeCloseTo(single.low!, 12);
    expect(many.high).toBeCloseTo(single.high!, 12);
  });

  test("is the same for the same seed, and another for another", () => {
    const values = comparison(1, 10, 3, 0);
    expect(estimate(values)).toEqual(estimate(values));
    expect(estimate(values, { seed: 1 }).low).not.toBe(estimate(values).low);
    expect(estimate(values, { level: 0.5 }).low).toBeGreaterThan(estimate(values).low!);
  });

  test("moves and scales with the values, and weighs problems equally", () => {
    const values = comparison(2, 9, 2, 0);
    const { mean, low, high } = estimate(values);
    const moved = estimate(values.map((group) => group.map((value) => 3 * value + 10)));
    expect(moved.mean).toBeCloseTo(3 * mean! + 10, 10);
    expect(moved.low).toBeCloseTo(3 * low! + 10, 10);
    expect(moved.high).toBeCloseTo(3 * high! + 10, 10);
    expect(estimate([[1, 1, 1, 1], [4]]).mean).toBe(2.5);
  });
});

describe("the p-value", () => {
  test("is below 0.05 in about 5 % of comparisons without a difference, and goes with the interval", () => {
    let rejected = 0;
    let apart = 0;
    for (let simulation = 0; simulation < 1000; simulation++) {
      const { low, high, pValue } = estimate(comparison(simulation, 15, 2, 0), {
        resamples: 1000,
        seed: simulation,
      });
      const outside = low! > 0 || high! < 0;
      if (pValue! < 0.05) rejected++;
      if (outside !== pValue! < 0.05) apart++;
    }
    expect(rejected / 1000).toBeGreaterThan(0.03);
    expect(rejected / 1000).toBeLessThan(0.07);
    // Only where the interval ends within one resample of 0.
    expect(apart).toBeLessThan(10);
  });

  test("is small for a clear difference, and 1 for none at all", () => {
    expect(estimate(comparison(5, 20, 3, 3)).pValue).toBeLessThan(1e-5);
    expect(estimate(Array.from({ length: 7 }, () => [0]))).toMatchObject({
      mean: 0,
      low: 0,
      high: 0,
      pValue: 1,
    });
  });
});

describe("too little", () => {
  test("seeds for an interval is said, and no error", () => {
    expect(estimate([[1, 2, 3]])).toEqual({
      mean: 2,
      low: undefined,
      high: undefined,
      pValue: undefined,
      over: undefined,
      problems: 1,
      values: 3,
      missing: 0,
      note: "Too few for an interval: 1 problem(s) with 3 seed(s). It needs 7 problems, or 7 seeds of each.",
    });
    expect(estimate([[1], [2], [3]]).note).toBe(
      "Too few for an interval: 3 problem(s) with 1 seed(s). It needs 7 problems, or 3 seeds of each.",
    );
  });

  test("problems, but enough seeds: the interval says that it is over seeds", () => {
    const some = estimate([
      [1, 2, 3],
      [2, 3, 5],
      [0, 1, 1],
    ]);
    expect(some.over).toBe("seeds");
    expect(some.low).toBeLessThan(2);
    expect(some.note).toBe(
      "The interval is over seeds of these 3 problems alone: for others at least 7 problems are needed.",
    );
  });

  test("values at all", () => {
    expect(estimate([])).toMatchObject({ mean: undefined, low: undefined, values: 0, missing: 0 });
    expect(estimate([[NaN, undefined]])).toMatchObject({
      mean: undefined,
      missing: 2,
      note: "There is no value.",
    });
  });

  test("resamples", () => {
    expect(() => estimate([[1]], { resamples: 999 })).toThrow("resamples is 999");
  });
});

test("a failure is counted and never becomes a number", () => {
  const a = [[1, NaN, 3], [undefined, 5], [Infinity], [7], [8], [9], [10], [11]];
  const b = [[0, 0, NaN], [0, 1], [0], [0, 4], [0], [0], [0], [0]];
  const gained = gains(a, b);
  expect(gained).toEqual([
    [1, undefined, undefined],
    [undefined, 4],
    [undefined],
    [7, undefined],
    [8],
    [9],
    [10],
    [11],
  ]);
  expect(estimate(gained)).toMatchObject({ mean: 50 / 7, problems: 7, values: 7, missing: 5 });
  expect(wins(gained)).toEqual({ rate: 1, better: 7, same: 0, worse: 0, failures: 5 });
  expect(gains([[1]], [[3]], "lower")).toEqual([[2]]);
});

test("wins count problems, ties half", () => {
  expect(wins([[1, 3], [-1, 0.5], [0], [2, -2], [-5, 6]])).toEqual({
    rate: 0.6,
    better: 2,
    same: 2,
    worse: 1,
    failures: 0,
  });
  expect(wins([[NaN]])).toEqual({ rate: undefined, better: 0, same: 0, worse: 0, failures: 1 });
});

test("Holm's correction: the worked example, ties, and what has no p-value", () => {
  // Holm 1979: 0.01, 0.04, 0.03, 0.005 of four.
  expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p!.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.02, undefined, NaN, 0.9])).toEqual([0.04, undefined, undefined, 0.9]);
  expect(holm([0.6, 0.7])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

test("Spearman's correlation is scipy's, ties and all", () => {
  for (const { a, b, rho } of reference.ranks) {
    if (rho === null) expect(spearman(a, b)).toBeUndefined();
    else expect(spearman(a, b)).toBeCloseTo(rho, 12);
  }
  expect(spearman([1, 2, NaN, 3], [10, 20, 5, 30])).toBeCloseTo(1, 12);
  expect(spearman([1, 2], [1, 2])).toBeUndefined();
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeUndefined();
});

test("the slope is per doubling", () => {
  expect(slopePerDoubling([10, 20, 40, 80], [1, 1.5, 2, 2.5])).toBeCloseTo(0.5, 12);
  expect(slopePerDoubling([10, 20, 40], [1, NaN, 2])).toBeCloseTo(0.5, 12);
  expect(slopePerDoubling([10, 10], [1, 2])).toBeUndefined();
  expect(slopePerDoubling([], [])).toBeUndefined();
});
