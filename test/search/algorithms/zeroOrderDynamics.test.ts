import { expect, test } from "vitest";
import {
  defineAlgorithm,
  gaussianMixture,
  Session,
  zeroOrderSearch,
  type SearchRun,
} from "../../../src/search/index.js";

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

test("pCN proposals: after 20 rounds of 4 at 0.95 a linear reward is at 4.12394 deviations", async () => {
  expect(climb(0.95, 20)).toBeCloseTo(4.12394, 4);
  expect(climb(0.95, Infinity)).toBeCloseTo(6.42844, 4);
  expect(Math.sqrt(1.95 / 0.05) * E4).toBeCloseTo(6.42844, 4);
  const keep = 0.95;
  const pcn = defineAlgorithm("pcn", function* (ops) {
    let pivot = yield* ops.noise({ count: 1 });
    for (;;) {
      const moved = yield* ops.perturb(pivot, { keep, add: Math.sqrt(1 - keep ** 2), copies: 4 });
      pivot = yield* ops.keep(yield* ops.score(yield* ops.denoise(moved, { to: 0 })), { best: 1 });
      yield* ops.endRound();
    }
  });
  void pcn;
});

test("on the sphere in 4096 dimensions: 4.01 +- 0.09", async () => {
  const session = new Session(standard(4096).open());
  const values: number[] = [];
  for (let seed = 0; seed < 32; seed++)
    values.push(await reached(await session.search(zeroOrderSearch(), { ...problem, seed }).run()));
  console.log(mean(values));
});
