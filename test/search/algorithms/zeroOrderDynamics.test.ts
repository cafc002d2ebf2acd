import { expect, test } from "vitest";
import {
  defineAlgorithm,
  gaussianMixture,
  linearReward,
  Session,
  zeroOrderSearch,
  type SearchRun,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

/** One standard Gaussian: the ODE takes a noise to c times itself, so a linear reward orders candidates as their noises do. */
const standard = (dimension: number) =>
  gaussianMixture({ weights: [1], means: [new Array<number>(dimension).fill(0)], variances: [1] });
const problem = { verifier: "linear", seed: 1, steps: 2, budget: { rounds: 20 } } as const;

/** e_4: the mean of the largest of four standard normals. */
const E4 = 1.029375;
const climb = (similarity: number, rounds: number): number =>
  (Math.sqrt(1 - similarity ** 2) * E4 * (1 - similarity ** rounds)) / (1 - similarity);

async function noiseOf(run: SearchRun, id: string): Promise<Float32Array> {
  return (await run.candidate(id).noise()).data;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Projection of the best noise of the last round on the reward's direction, in standard deviations. */
async function reached(run: SearchRun): Promise<number> {
  const values = run.rounds.at(-1)!.candidates.map(async ({ id }) => {
    const noise = await noiseOf(run, id);
    return noise.reduce((sum, value) => sum + value, 0) / Math.sqrt(noise.length);
  });
  return Math.max(...(await Promise.all(values)));
}

test("neighbours: the pivot's norm, cosine thr and distance sqrt(2 - 2 thr) to 1e-6", async () => {
  for (const similarity of [0.95, 0.5, 0, -0.3]) {
    const algorithm = zeroOrderSearch({ similarity, neighbours: 8 });
    const run = await new Session(standard(300).open())
      .search(algorithm, { ...problem, budget: { rounds: 3 } })
      .run();
    for (const { id, parents } of run.candidates) {
      if (parents.length === 0) continue;
      const [y, n] = [await noiseOf(run, id), await noiseOf(run, parents[0]!)];
      const norm = Math.sqrt(dot(n, n));
      const away = y.map((value, i) => value - n[i]!);
      expect(Math.abs(Math.sqrt(dot(y, y)) / norm - 1)).toBeLessThan(1e-6);
      expect(Math.abs(dot(y, n) / norm ** 2 - similarity)).toBeLessThan(1e-6);
      expect(Math.abs(Math.sqrt(dot(away, away)) / norm - Math.sqrt(2 - 2 * similarity))).toBeLessThan(1e-6);
    }
  }
});

test("of a standard normal pivot a neighbour is standard normal: chi-square norm, identity covariance", async () => {
  const d = 6;
  const session = new Session(standard(d).open());
  const noises: Float32Array[] = [];
  for (let seed = 0; seed < 800; seed++) {
    const asked = { ...problem, seed, budget: { rounds: 1 } };
    const run = await session.search(zeroOrderSearch({ neighbours: 1 }), asked).run();
    noises.push(await noiseOf(run, run.rounds[0]!.candidates[0]!.id));
  }
  const squares = noises.map((noise) => dot(noise, noise));
  // Chi-square of d: mean d, variance 2 d; standard errors sqrt(2 d / 800) and about 2 d sqrt((2 + 12 / d) / 800).
  const centre = mean(squares);
  const spread = mean(squares.map((value) => (value - centre) ** 2));
  expect(Math.abs(centre - d)).toBeLessThan(4 * Math.sqrt((2 * d) / 800));
  expect(Math.abs(spread - 2 * d)).toBeLessThan(4 * 2 * d * Math.sqrt((2 + 12 / d) / 800));
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const entry = mean(noises.map((noise) => noise[i]! * noise[j]!));
      expect(Math.abs(entry - (i === j ? 1 : 0))).toBeLessThan(4 * Math.sqrt((i === j ? 2 : 1) / 800));
    }
  }
});

/** Zero-order search with the proposal c x + sqrt(1 - c^2) z of preconditioned Crank-Nicolson, for which the theory is exact in any dimension. */
const crankNicolson = defineAlgorithm("pcn", function* (ops, { c }: { c: number }) {
  let pivot = yield* ops.noise({ count: 1 });
  for (;;) {
    const moved = yield* ops.perturb(pivot, { keep: c, add: Math.sqrt(1 - c * c), copies: 4 });
    // The moved ones stay at level 1: what is denoised is a child.
    const clean = yield* ops.score(yield* ops.denoise(moved, { children: 1 }));
    const [best] = yield* ops.keep(clean, { best: 1 });
    pivot = moved.filter(({ id }) => id === best!.parent);
    yield* ops.endRound();
  }
});

test("pCN proposals: after 20 rounds of 4 at 0.95 a linear reward is at 4.12394 deviations", async () => {
  expect(Math.abs(climb(0.95, 20) - 4.12394)).toBeLessThan(1e-4);
  expect(Math.abs(climb(0.95, Infinity) - 6.42844)).toBeLessThan(1e-4);
  expect(Math.abs(Math.sqrt(1.95 / 0.05) * E4 - 6.42844)).toBeLessThan(1e-4);
  const session = new Session(standard(1).open());
  const values: number[] = [];
  for (let seed = 0; seed < 200; seed++)
    values.push(await reached(await session.search(crankNicolson({ c: 0.95 }), { ...problem, seed }).run()));
  // Deviation of one run 0.75, standard error 0.053.
  expect(Math.abs(mean(values) - 4.12394)).toBeLessThan(0.18);
});

test("on the sphere in 4096 dimensions it climbs as far: 4.01 +- 0.09 in simulation", async () => {
  const session = new Session(standard(4096).open());
  const values: number[] = [];
  for (let seed = 0; seed < 48; seed++)
    values.push(await reached(await session.search(zeroOrderSearch(), { ...problem, seed }).run()));
  // The theory's 4.12 less what the curvature takes, 0.01. Deviation of one run 0.8, standard error 0.12.
  expect(Math.abs(mean(values) - 4.11)).toBeLessThan(0.4);
  expect(Math.abs(mean(values) - 4.01)).toBeLessThan(0.4);
});

const DEGREES = 180 / Math.PI;

async function angleOf(run: SearchRun, id: string): Promise<number> {
  const [x, y] = await noiseOf(run, id);
  return Math.atan2(y!, x!) * DEGREES;
}

test("on the circle each move turns by exactly 18.1949 degrees, and keep stops within 9.0975 of the optimum", async () => {
  const step = Math.acos(0.95) * DEGREES;
  expect(Math.abs(step - 18.1949)).toBeLessThan(1e-4);
  const session = new Session(standard(2).open());
  const turn = (a: number, b: number): number => ((a - b + 540) % 360) - 180;
  const both = new Set<number>();
  for (let seed = 0; seed < 12; seed++) {
    const asked = { ...problem, seed, verifier: linearReward([1, 0]), budget: { rounds: 40 } };
    const run = await session.search(zeroOrderSearch({ elitist: "keep" }), asked).run();
    for (const { id, parents } of run.candidates) {
      if (parents.length === 0) continue;
      const moved = turn(await angleOf(run, id), await angleOf(run, parents[0]!));
      expect(Math.abs(Math.abs(moved) - step)).toBeLessThan(1e-4);
      both.add(Math.sign(moved));
    }
    expect(Math.abs(await angleOf(run, run.best!.id))).toBeLessThan(step / 2 + 1e-4);
  }
  expect([...both].sort()).toEqual([-1, 1]);
});

test("keep: neither the best so far nor the pivot's score ever falls", async () => {
  const session = new Session(standard(8).open());
  for (let seed = 0; seed < 10; seed++) {
    const algorithm = zeroOrderSearch({ elitist: "keep", similarity: 0.5 });
    const run = await session.search(algorithm, { ...problem, seed }).run();
    const bests = run.rounds.map(({ best }) => best!.scores["linear"]!);
    expect(bests).toEqual([...bests].sort((a, b) => a - b));
    const pivots = run.rounds.slice(1).map(({ candidates: [first] }) => run.candidate(first!.parents[0]!));
    const scores = pivots.map(({ scores: given }) => given["linear"]!);
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    expect(scores.at(-1)).toBe(bests.at(-2));
  }
});

test("similarity 1 stays where it is: the score is constant", async () => {
  const run = await new Session(standard(16).open())
    .search(zeroOrderSearch({ similarity: 1 }), problem)
    .run();
  const scores = run.candidates.flatMap(({ scores: given }) => given["linear"] ?? []);
  expect(scores).toHaveLength(80);
  for (const score of scores) expect(Math.abs(score - scores[0]!)).toBeLessThan(1e-5);
});

test.each([
  ["euler", 5, 5],
  ["heun", 4, 7],
] as const)(
  "%s in %d steps: k N E = k N %d NFE, and the first pivot costs nothing",
  async (solver, steps, trajectory) => {
    const count = counted();
    const session = new Session(standard(3).open({ wrap: count.wrap }));
    const asked = { ...problem, solver, steps, budget: { rounds: 6 } };
    const run = await session.search(zeroOrderSearch({ neighbours: 3 }), asked).run();
    expect(run.ledger.nfe).toBe(6 * 3 * trajectory);
    expect(session.quote(zeroOrderSearch({ neighbours: 3 }), asked)).toMatchObject({
      ...{ nfe: 6 * 3 * trajectory, verifierCalls: 18, rounds: 6, exact: true },
    });
    expect(run.record().candidates[0]!.cost.nfe).toBe(0);
    expectBalanced(run.record(), count);
  },
);

/** k rounds of ZO-4, then the winning noise once more in `final` steps: table 5 of the paper has 50 NFE for the search, and 250 at the end. */
const withFinalDenoise = defineAlgorithm(
  "zero-order, final",
  function* (ops, options: { k: number; final: number }) {
    let pivot = yield* ops.noise();
    for (let round = 0; round < options.k; round++) {
      const candidates = yield* ops.around(pivot, { count: 4, similarity: 0.95 });
      pivot = (yield* ops.keep(yield* ops.score(yield* ops.denoise(candidates)), { best: 1 }))[0]!;
      yield* ops.endRound();
    }
    const again = yield* ops.around(pivot, { count: 1, similarity: 1 });
    yield* ops.score(yield* ops.denoise(again, { steps: options.final }));
  },
);

test.each([
  // Labels of the paper's figures: 250 + k 4 50.
  ["euler", 50, 250, 250, [450, 1850, 6650]],
  // Heun's last step is Euler's: 2 n - 1 evaluations, 49 and 249 for the paper's 50 and 250.
  ["heun", 25, 125, 249, [445, 1817, 6521]],
] as const)(
  "ZO-4 with its final denoising, %s in %d and %d steps, the last for %d NFE, is billed %j",
  async (solver, steps, final, last, bills) => {
    for (const [i, k] of [1, 8, 32].entries()) {
      const count = counted();
      const session = new Session(standard(2).open({ wrap: count.wrap }));
      const asked = { ...problem, solver, steps, budget: {} };
      const run = await session
        .search(withFinalDenoise({ k, final }), { ...asked, budget: { rounds: k + 1 } })
        .run();
      expect(run.ledger.nfe).toBe(bills[i]);
      expectBalanced(run.record(), count);
      // The search alone, as it is quoted.
      const search = session.quote(zeroOrderSearch(), { ...asked, budget: { rounds: k } });
      expect(search.nfe + last).toBe(bills[i]);
    }
  },
);
