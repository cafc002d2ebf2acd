import { beforeAll, expect, test } from "vitest";
import {
  gaussianMixture,
  randomSearch,
  Session,
  zeroOrderSearch,
  type Algorithm,
  type Problem,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

/** Scores N(0, 1): one exact stochastic step, and the state itself as the score. */
const normal = gaussianMixture({ weights: [1], means: [[0]], variances: [1] });
const RUNS = 300;
const MOST = 32;
/** E of the largest of N standard normals. */
const EXPECTED = { 2: 0.56419, 3: 0.846284, 4: 1.029375, 8: 1.4236, 16: 1.765991, 32: 2.069669 };

/** Winner's score of each run for each N: what best-of-N finds is the prefix maximum of the longest run, which its own test shows. */
const winners = new Map<number, number[]>();

beforeAll(async () => {
  const session = new Session(normal.open());
  for (let seed = 0; seed < RUNS; seed++) {
    const run = await session
      .search(randomSearch({ candidates: MOST, perRound: MOST }), {
        ...{ verifier: "linear", steps: 1, eta: 1, seed, budget: {} },
      })
      .run();
    let best = -Infinity;
    run.candidates.forEach(({ scores }, i) => {
      best = Math.max(best, scores["linear"]!);
      winners.set(i + 1, [...(winners.get(i + 1) ?? []), best]);
    });
    expect(run.best!.scores["linear"]).toBe(best);
  }
});

function moments(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

test.each(Object.entries(EXPECTED))("scores N(0, 1): the best of %s is %f in the mean", (n, expected) => {
  const { mean, error } = moments(winners.get(Number(n))!);
  expect(Math.abs(mean - expected)).toBeLessThan(4 * error);
});

test.each([2, 4, 8, 16, 32])("uniform scores: the best of %i is N / (N + 1) in the mean", (n) => {
  const { mean, error } = moments(winners.get(n)!.map(normalCdf));
  expect(Math.abs(mean - n / (n + 1))).toBeLessThan(4 * error);
});

test.each([2, 8, 32])("KL of best-of-%i to the base is log N - (N - 1) / N", (n) => {
  // Of a winner at quantile u the density ratio is N u^(N - 1).
  const logs = winners.get(n)!.map((score) => Math.log(n) + (n - 1) * Math.log(normalCdf(score)));
  const { mean, error } = moments(logs);
  expect(Math.abs(mean - (Math.log(n) - (n - 1) / n))).toBeLessThan(4 * error);
  if (n === 8) expect(Math.log(n) - (n - 1) / n).toBeCloseTo(1.204442, 6);
});

test("two equal modes: best-of-N is in the better one with probability 1 - 2^-N", async () => {
  const modes = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
  const session = new Session(modes.open());
  const runs = 300;
  const inBetter = [0, 0, 0, 0];
  for (let seed = 0; seed < runs; seed++) {
    const run = await session
      .search(randomSearch({ candidates: 4 }), { verifier: "linear", eta: 1, seed, budget: {} })
      .run();
    let best = -Infinity;
    run.candidates.forEach(({ scores }, i) => {
      best = Math.max(best, scores["linear"]!);
      if (best > 0) inBetter[i]! += 1;
    });
  }
  inBetter.forEach((count, i) => {
    const expected = 1 - 2 ** -(i + 1);
    const error = Math.sqrt((expected * (1 - expected)) / runs);
    expect(Math.abs(count / runs - expected)).toBeLessThan(4 * error);
  });
});

test.each([0, 1])(
  "eta %i: best-of-n is a prefix of best-of-N, so that it never falls with N",
  async (eta) => {
    for (let seed = 0; seed < 6; seed++) {
      const problem = { verifier: "linear", seed, eta, budget: {} };
      const session = new Session(normal.open());
      const long = await session.search(randomSearch({ candidates: 12 }), problem).run();
      const all = long.candidates.map(({ scores }) => scores["linear"]!);
      let last = -Infinity;
      for (const candidates of [1, 2, 5, 12]) {
        const run = await session.search(randomSearch({ candidates, perRound: 4 }), problem).run();
        expect(run.candidates.map(({ scores }) => scores["linear"])).toEqual(all.slice(0, candidates));
        expect(run.best!.scores["linear"]).toBe(Math.max(...all.slice(0, candidates)));
        expect(run.best!.scores["linear"]).toBeGreaterThanOrEqual(last);
        last = run.best!.scores["linear"]!;
      }
    }
  },
);

const quoted: readonly [string, Algorithm, Partial<Problem>, object][] = [
  ["random, N", randomSearch({ candidates: 10 }), {}, { nfe: 80, verifierCalls: 10, rounds: 3, exact: true }],
  ["random, Heun", randomSearch({ candidates: 3 }), { solver: "heun" }, { nfe: 45, verifierCalls: 3 }],
  [
    "random, to the budget",
    randomSearch(),
    { budget: { nfe: 77 } },
    { nfe: 72, verifierCalls: 9, rounds: 3 },
  ],
  ["random, to the calls", randomSearch(), { budget: { verifierCalls: 6 } }, { nfe: 48, rounds: 2 }],
  ["random, cut off", randomSearch({ candidates: 99 }), { budget: { rounds: 2 } }, { nfe: 64, rounds: 2 }],
  [
    "zero-order, rounds",
    zeroOrderSearch(),
    { budget: { rounds: 3 } },
    { nfe: 96, verifierCalls: 12, rounds: 3 },
  ],
  [
    "zero-order, NFE",
    zeroOrderSearch({ neighbours: 3 }),
    { budget: { nfe: 65 } },
    { nfe: 64, verifierCalls: 8 },
  ],
  ["zero-order, eta", zeroOrderSearch(), { eta: 1, budget: { nfe: 40, rounds: 9 } }, { nfe: 40, rounds: 2 }],
];

test.each(quoted)("%s: the quote is what is billed", async (_, algorithm, given, expected) => {
  const count = counted();
  const session = new Session(normal.open({ wrap: count.wrap }));
  const problem = { verifier: "linear", seed: 2, budget: {}, ...given };
  const quote = session.quote(algorithm, problem);
  const run = await session.search(algorithm, problem).run();
  const { spent, rounds } = run.record();
  expectBalanced(run.record(), count);
  expect(quote).toMatchObject(expected);
  expect(quote).toMatchObject({
    ...{ nfe: spent.nfe, forwards: spent.forwards, decodes: 0 },
    ...{ verifierCalls: spent.verifierCalls["linear"], rounds: rounds.length },
  });
});

/** Abramowitz and Stegun 26.2.17; error below 7.5e-8. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}
