import { describe, expect, test } from "vitest";
import {
  diversityGains,
  diversityLoss,
  estimate,
  expectedWinner,
  freshEvaluation,
  gains,
  hacking,
  meanPairwiseDistance,
  type Pool,
  saturation,
  selectionGap,
  winner,
} from "../../../src/search/evaluation/index.js";
import { normals } from "../../../src/search/random/normals.js";

/** Pools whose searched and held-out scores are normal and correlate by `rho`; the first candidate is what one would get without a search. */
function pools(
  simulation: number,
  problems: number,
  seeds: number,
  candidates: number,
  rho: number,
): Pool[][] {
  const draws = normals({ seed: simulation, path: `goodhart/${rho}` }, problems * seeds * candidates * 2);
  let at = 0;
  return Array.from({ length: problems }, (_, problem) =>
    Array.from({ length: seeds }, () => {
      const gold = Array.from({ length: candidates }, () => draws[at++]!);
      // Problems differ in difficulty; that must not matter.
      const searched = gold.map((g) => rho * g + Math.sqrt(1 - rho * rho) * draws[at++]! + 5 * problem);
      return { searched, heldOut: gold.map((g) => 3 * g - problem) };
    }),
  );
}

function goodhart(simulation: number, problems: number, seeds: number, candidates: number, rho: number) {
  const all = pools(simulation, problems, seeds, candidates, rho);
  const of = (pick: (pool: Pool) => number | undefined) => all.map((own) => own.map(pick));
  const gained = (role: "searched" | "heldOut") =>
    estimate(
      gains(
        of((pool) => pool[role][winner(pool.searched)!]),
        of((pool) => pool[role][0]),
      ),
      { resamples: 1000, seed: simulation },
    );
  return hacking(gained("searched"), [gained("heldOut")])[0]!;
}

test("the gap between searched and held-out is what order statistics say (T6)", () => {
  const gap = selectionGap(pools(1, 1000, 4, 16, 0.6));
  const expected = expectedWinner(16, 0.6);
  expect(estimate(gap.searched).mean).toBeCloseTo(expected.searched, 1);
  expect(Math.abs(estimate(gap.searched).mean! - 1.76599)).toBeLessThan(0.03);
  expect(Math.abs(estimate(gap.heldOut).mean! - 1.05959)).toBeLessThan(0.05);
  const { mean, low, high } = estimate(gap.gap);
  expect(Math.abs(mean! - 0.7064)).toBeLessThan(0.04);
  expect(low).toBeLessThan(0.7064);
  expect(high).toBeGreaterThan(0.7064);
});

test("few candidates do not bias the gap", () => {
  const means = Array.from(
    { length: 300 },
    (_, simulation) => estimate(selectionGap(pools(simulation, 4, 1, 8, 0.5)).gap).mean!,
  );
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  expect(Math.abs(mean - expectedWinner(8, 0.5).gap)).toBeLessThan(0.08);
});

describe("hacking", () => {
  const raised = (simulations: number, ...of: [number, number, number, number]) => {
    let flags = 0;
    for (let simulation = 0; simulation < simulations; simulation++) {
      if (goodhart(simulation, ...of).raised === true) flags++;
    }
    return flags / simulations;
  };

  test("is not raised when the verifier is the truth, and in less than 5 % when they have nothing in common", () => {
    expect(raised(200, 20, 3, 16, 1)).toBe(0);
    expect(raised(300, 20, 3, 16, 0)).toBeLessThan(0.05);
  });

  test("is found in more than 95 % at a correlation of -0.3 with 64 candidates", () => {
    expect(raised(200, 20, 4, 64, -0.3)).toBeGreaterThan(0.95);
  });

  test("says in a sentence what happened, and when there is too little to tell", () => {
    const up = estimate([[1], [1.1], [0.9], [1], [1.2], [1], [0.8]]);
    const down = estimate([[-0.5], [-0.4], [-0.6], [-0.5], [-0.4], [-0.5], [-0.6]]);
    const few = estimate([[1, 2]]);
    expect(hacking(up, [down, up, few])).toEqual([
      {
        raised: true,
        why: "The searched score rises by 1 while this held-out score falls by 0.5: the search has found what its verifier overlooks.",
      },
      { raised: false, why: "The held-out score does not fall." },
      { raised: undefined, why: few.note },
    ]);
    expect(hacking(down, [down])[0]).toEqual({ raised: false, why: "The searched score does not rise." });
    expect(hacking(few, [down])[0]!.raised).toBeUndefined();
  });
});

describe("saturation", () => {
  /** Gains of best-of-n over best-of-1 at n and 2n, for scores that `squash` shapes. */
  function flag(n: number, squash: (z: number) => number) {
    const values = Array.from({ length: 20 }, (_, problem) => {
      const draws = [...normals({ seed: problem, path: "saturation" }, 2 * n)].map(squash);
      const best = (count: number) => Math.max(...draws.slice(0, count));
      return { soFar: best(2 * n) - draws[0]!, last: best(2 * n) - best(n) };
    });
    return saturation(
      estimate(values.map(({ last }) => [last])),
      estimate(values.map(({ soFar }) => [soFar])),
    );
  }

  test("is raised for a probability that has reached 1, not for a score that goes on rising", () => {
    expect(flag(256, (z) => 1 / (1 + Math.exp(-6 * z))).raised).toBe(true);
    expect(flag(64, (z) => z).raised).toBe(false);
    expect(flag(4, (z) => 1 / (1 + Math.exp(-6 * z))).raised).toBe(false);
  });

  test("needs a gain first, and enough values", () => {
    const zero = estimate([[0.1], [-0.1], [0.05], [-0.05], [0.01], [0], [0]]);
    expect(saturation(zero, zero)).toEqual({ raised: false, why: "There is no gain yet that could end." });
    expect(saturation(estimate([[1]]), zero).raised).toBeUndefined();
  });
});

describe("diversity", () => {
  test("is the mean distance of all pairs", () => {
    const square = [
      [0, 0],
      [3, 0],
      [0, 4],
    ];
    expect(meanPairwiseDistance(square, "euclidean")).toBeCloseTo((3 + 4 + 5) / 3, 12);
    const axes = [
      [1, 0],
      [0, 2],
      [-3, 0],
    ];
    expect(meanPairwiseDistance(axes)).toBeCloseTo((1 + 2 + 1) / 3, 12);
    expect(meanPairwiseDistance([[1, 2]])).toBeUndefined();
    expect(
      meanPairwiseDistance([
        [1, 2],
        [NaN, 1],
        [0, 0],
      ]),
    ).toBeUndefined();
    expect(() => meanPairwiseDistance([[1, 2], [1]])).toThrow(
      "Features of one network have one length, but these have",
    );
  });

  test("that falls by a tenth or more, beyond chance, raises the flag", () => {
    const sets = (spread: number) =>
      Array.from({ length: 8 }, (_, problem) =>
        Array.from({ length: 6 }, (_, seed) =>
          normals({ seed, path: `feature/${problem}` }, 16).map(
            (value, i) => spread * value + Number(i === 0) * 4,
          ),
        ),
      );
    const base = sets(1).map((set) => meanPairwiseDistance(set, "euclidean")!);
    const baseline = base.reduce((sum, value) => sum + value, 0) / base.length;
    const of = (spread: number) =>
      diversityLoss(estimate(diversityGains(sets(spread), sets(1), "euclidean")), baseline);
    expect(of(0.5)).toEqual({
      raised: true,
      why: "The winners differ 50 % less from one another than the baseline's.",
    });
    expect(of(0.95).raised).toBe(false);
    expect(of(1.5).raised).toBe(false);
    expect(diversityLoss(estimate([[-1], [-1]]), 1)).toEqual({
      raised: undefined,
      why: "The diversity of winners is one number for each problem: its interval needs 7 problems, not 2.",
    });
    expect(diversityLoss(estimate(Array.from({ length: 7 }, () => [-1])), 0).raised).toBeUndefined();
  });
});

test("a fresh evaluation takes the winner's luck out", () => {
  // Candidates all alike, scored with noise 1: the best of 16 looks 1.766 better than it is.
  const selected = Array.from({ length: 200 }, (_, problem) => [
    Math.max(...normals({ seed: problem, path: "noisy" }, 16)),
  ]);
  const fresh = Array.from({ length: 200 }, (_, problem) => [
    normals({ seed: problem, path: "fresh" }, 1)[0]!,
  ]);
  const { optimism, fresh: honest } = freshEvaluation(selected, fresh);
  expect(optimism.low).toBeLessThan(1.766);
  expect(optimism.high).toBeGreaterThan(1.766);
  expect(honest.low).toBeLessThan(0);
  expect(honest.high).toBeGreaterThan(0);
  expect(freshEvaluation(selected, selected).optimism).toMatchObject({ mean: 0, low: 0, high: 0 });
});

test("the winner of a pool: the first of equals, never a failure", () => {
  expect(winner([1, 3, NaN, 3])).toBe(1);
  expect(winner([undefined, -5])).toBe(1);
  expect(winner([NaN, undefined, Infinity])).toBeUndefined();
  const gap = selectionGap([
    [{ searched: [1, 2, NaN], heldOut: [3, NaN, 4] }],
    [{ searched: [1, 3], heldOut: [2, 5] }],
  ]);
  expect(gap.gap[0]).toEqual([undefined]);
  expect(gap.gap[1]![0]).toEqual(expect.any(Number));
});
