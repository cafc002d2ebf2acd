import { expect, test } from "vitest";
import {
  gaussianMixture,
  linearReward,
  randomSearch,
  Session,
  type AnalyticModel,
  type SearchRun,
} from "../../../src/search/index.js";
import { mixtureDenoiser } from "../../../src/search/analytic/gaussianMixture.js";
import { mixturePosterior } from "../../../src/search/analytic/mixture.js";
import { forwardKernel } from "../../../src/search/schedules/bridge.js";
import { flowPoint } from "../../../src/search/schedules/pathPoint.js";
import { normals } from "../../../src/search/random/normals.js";
import { counted } from "../helpers/counted.js";
import { caseG, kolmogorovSmirnov, mean, normalCdf, survivors, variance } from "../helpers/mixtures.js";

const problem = { verifier: "linear", budget: {}, seed: 11 } as const;

async function sampled(model: AnalyticModel, count: number, wishes: object): Promise<SearchRun> {
  const search = randomSearch({ candidates: count, perRound: 1000 });
  return new Session(model.open()).search(search, { ...problem, ...wishes }).run();
}

/** Random search drops all but the best; the samples are all of them. */
function samples(run: SearchRun): number[] {
  return run.candidates.map(({ scores }) => scores["linear"]!);
}

test.each([1, 2, 8])("at eta 1 the reverse process is exact in %i steps", async (steps) => {
  const values = samples(await sampled(caseG, 6000, { steps, eta: 1 }));
  const law = (x: number): number => 0.5 * normalCdf((x - 2) / 0.5) + 0.5 * normalCdf((x + 2) / 0.5);
  expect(kolmogorovSmirnov(values, law)).toBeGreaterThan(0.01);
});

test("in several dimensions the moments of each component come out", async () => {
  const model = gaussianMixture({
    weights: [3, 1],
    means: [
      [1, -1, 0],
      [-3, 2, 5],
    ],
    variances: [0.1, 1],
  });
  expect(model.weights).toEqual([0.75, 0.25]);
  const run = await new Session(model.open())
    .search(randomSearch({ candidates: 4000, perRound: 1000 }), {
      ...problem,
      verifier: linearReward([0, 0, 1]),
      steps: 3,
      eta: 1,
    })
    .run();
  const thirds = run.candidates.map(({ scores }) => scores["linear(0, 0, 1)"]!);
  // Between the components, at 2.5 standard deviations of the wider one.
  const upper = thirds.filter((x) => x > 2.5);
  expect(Math.abs(upper.length / thirds.length - 0.25)).toBeLessThan(0.03);
  expect(Math.abs(mean(upper) - 5)).toBeLessThan(0.15);
});

test("a preview is the exact posterior mean, and what is drawn from the posterior has its law", async () => {
  const [x, level] = [0.37, 0.45];
  const { gammas, meanOf, varianceOf } = mixturePosterior(caseG, [x], level);
  const exact = gammas.reduce((sum, gamma, k) => sum + gamma * meanOf(k, 0), 0);
  // The posterior by integrating p(x0) N(x; a x0, s^2) over a grid.
  let [weight, sum] = [0, 0];
  for (let x0 = -6; x0 < 6; x0 += 1e-3) {
    const prior = Math.exp(-((x0 - 2) ** 2) / 0.5) + Math.exp(-((x0 + 2) ** 2) / 0.5);
    const density = prior * Math.exp(-((x - (1 - level) * x0) ** 2) / (2 * level ** 2));
    weight += density;
    sum += density * x0;
  }
  expect(exact).toBeCloseTo(sum / weight, 8);
  const denoiser = mixtureDenoiser(caseG);
  const v = await denoiser.velocity(Float32Array.of(x), 1, level, [undefined]);
  expect(x - level * v[0]!).toBeCloseTo(exact, 5);
  const draws = Array.from({ length: 4000 }, (_, i) => {
    const [u, z] = normals({ seed: i, path: "posterior" }, 2);
    const chance = { uniform: normalCdf(u!), normals: Float32Array.of(z!) };
    return denoiser.posterior!(Float32Array.of(x), 1, level, () => chance)[0]!;
  });
  const second = gammas.reduce((total, gamma, k) => total + gamma * (varianceOf(k) + meanOf(k, 0) ** 2), 0);
  const deviation = Math.sqrt(second - exact ** 2);
  expect(Math.abs(mean(draws) - exact)).toBeLessThan((4 * deviation) / Math.sqrt(4000));
  expect(Math.sqrt(variance(draws)) / deviation).toBeCloseTo(1, 1);
});

test("the ODE of one Gaussian is x0 = mean + deviation x1: errors halve with Euler's step and quarter with Heun's", async () => {
  const model = gaussianMixture({ weights: [1], means: [[0.7, 0.7]], variances: [0.25] });
  const error = async (solver: "euler" | "heun", steps: number): Promise<number> => {
    const run = await sampled(model, 20, { solver, steps });
    const errors = run.candidates.map(async (candidate) => {
      const [x1, x0] = [(await candidate.noise()).data, (await candidate.latent()).data];
      return Math.max(...x0.map((value, j) => Math.abs(value - 0.7 - 0.5 * x1[j]!)));
    });
    return mean(await Promise.all(errors));
  };
  const ratio = async (solver: "euler" | "heun"): Promise<number> =>
    (await error(solver, 16)) / (await error(solver, 32));
  expect(Math.abs((await ratio("euler")) - 2)).toBeLessThan(0.1);
  expect(Math.abs((await ratio("heun")) - 4.2)).toBeLessThan(0.3);
});

test("what is drawn does not depend on the packing", async () => {
  const latents = await Promise.all(
    [1, 7, 256].map(async (batch) => {
      const session = new Session(caseG.open({ batch }));
      const run = await session
        .search(randomSearch({ candidates: 20 }), { ...problem, eta: 1, steps: 4 })
        .run();
      return samples(run);
    }),
  );
  expect(latents[1]).toEqual(latents[0]);
  expect(latents[2]).toEqual(latents[0]);
});

test("a stochastic step costs one NFE; latents are scored as they are, with no decoding", async () => {
  const count = counted();
  const session = new Session(caseG.open({ wrap: count.wrap }));
  const run = await session
    .search(randomSearch({ candidates: 5 }), { ...problem, steps: 6, eta: 0.5, solver: "heun" })
    .run();
  expect(run.ledger).toMatchObject({ nfe: 30, forwards: 30, decodes: 0, verifierCalls: { linear: 5 } });
  expect(count.forwards).toBe(30);
  const [candidate] = run.candidates;
  expect(candidate!.scores["linear"]).toBe((await candidate!.latent()).data[0]);
});

test("the tilted target is the one of the closed form", () => {
  const target = caseG.target({ temperature: 2 });
  expect(target.weights[0]).toBeCloseTo(0.880797, 6);
  expect(target.means).toEqual([[2.125], [-1.875]]);
  expect(target.mean[0]).toBeCloseTo(1.648188, 6);
  expect(target.logZ).toBeCloseTo(0.465031, 6);
  const wide = gaussianMixture({
    weights: [0.2, 0.8],
    means: [
      [1, 2],
      [0, -1],
    ],
    variances: [0.5, 2],
  });
  const { logZ } = wide.target({ direction: [0.3, -0.6], temperature: 0.5 });
  // log Z of each component: lam a.mu + lam^2 |a|^2 V / 2.
  const parts = [0.2 * Math.exp(2 * (0.3 - 1.2) + 2 * 0.45 * 0.5), 0.8 * Math.exp(2 * 0.6 + 2 * 0.45 * 2)];
  expect(logZ).toBeCloseTo(Math.log(parts[0]! + parts[1]!), 12);
});

test("with the optimal twist every particle has the same weight, and log Z is exact", () => {
  // One Gaussian mu .7, s^2 .25, r = 2 x. psi_t = exp(2 x0h + 2 v_t), and the proposal is the reverse kernel with its mean moved by
  // variance times the gradient of log psi at the destination: in one Gaussian exactly the twisted kernel.
  const model = gaussianMixture({ weights: [1], means: [[0.7]], variances: [0.25] });
  const posterior = (x: number, s: number): { mean: number; variance: number; gain: number } => {
    const { meanOf, varianceOf } = mixturePosterior(model, [x], s);
    const a = 1 - s;
    return { mean: meanOf(0, 0), variance: varianceOf(0), gain: (a * 0.25) / (a * a * 0.25 + s * s) };
  };
  const logPsi = (x: number, s: number): number => 2 * posterior(x, s).mean + 2 * posterior(x, s).variance;
  const log = (x: number, m: number, v: number): number =>
    -0.5 * (Math.log(2 * Math.PI * v) + (x - m) ** 2 / v);
  const particles = Array.from({ length: 64 }, (_, k) => {
    const z = normals({ seed: 2, path: `twist/${k}` }, 9);
    let logW = 0;
    let s = 1;
    let x = 2 * posterior(0, 1).gain + z[0]!;
    logW += log(x, 0, 1) + logPsi(x, 1) - log(x, 2 * posterior(0, 1).gain, 1);
    for (let i = 1; i <= 8; i++) {
      const next = 1 - i / 8;
      const { mean: m, variance: v } = posterior(x, s);
      const { keep: r, add } = forwardKernel(flowPoint(next), flowPoint(s));
      const bridgeVariance = next === 0 ? 0 : 1 / (1 / next ** 2 + r ** 2 / add ** 2);
      const clean = next === 0 ? 1 : (bridgeVariance * (1 - next)) / next ** 2;
      const kernelMean = clean * m + (next === 0 ? 0 : (bridgeVariance * r * x) / add ** 2);
      const kernelVariance = bridgeVariance + clean ** 2 * v;
      const gradient = 2 * (next === 0 ? 1 : posterior(0, next).gain);
      const moved = kernelMean + kernelVariance * gradient;
      const to = moved + Math.sqrt(kernelVariance) * z[i]!;
      const psi = next === 0 ? 2 * to : logPsi(to, next);
      logW += log(to, kernelMean, kernelVariance) - log(to, moved, kernelVariance) + psi - logPsi(x, s);
      [x, s] = [to, next];
    }
    return logW;
  });
  for (const logW of particles) expect(Math.abs(logW - 1.9)).toBeLessThan(1e-12);
  expect(model.target({ direction: [2] }).logZ).toBeCloseTo(1.9, 12);
});

test("best of N shifts the sign as 1 - 2^-N", async () => {
  const session = new Session(caseG.open());
  let positive = 0;
  for (let seed = 0; seed < 400; seed++) {
    const run = await session
      .search(randomSearch({ candidates: 3, perRound: 3 }), { ...problem, seed, steps: 1, eta: 1 })
      .run();
    if (survivors(run)[0]! > 0) positive++;
  }
  expect(Math.abs(positive / 400 - 0.875)).toBeLessThan(4 * Math.sqrt((0.875 * 0.125) / 400));
});

test.each([
  [{ weights: [1], means: [[0]], variances: [0] }, "variances[0] is 0, but must be a number above 0."],
  [{ weights: [1, 1], means: [[0]], variances: [1] }, "there are 2 weights, 1 means and 1 variances"],
  [
    { weights: [1, 1], means: [[0], [1, 2]], variances: [1, 1] },
    "means[1] has 2 values, but means[0] has 1.",
  ],
  [{ weights: [0], means: [[0]], variances: [1] }, "the weights sum to 0"],
  [{ weights: [], means: [], variances: [] }, "weights is an array, but must have an entry"],
  [{ weights: [1], means: [["a"]], variances: [1] }, 'means[0][0] is "a"'],
])("a mixture %j is refused", (parameters, message) => {
  expect(() => gaussianMixture(parameters as any)).toThrow(message);
});

test("a direction of another dimension fails every candidate with a sentence", async () => {
  const run = await new Session(caseG.open())
    .search(randomSearch({ candidates: 2 }), { ...problem, verifier: linearReward([1, 2]) })
    .run();
  expect(run.notices[0]).toMatch("the direction has 2 values, but the state has 1.");
  expect(() => caseG.target({ direction: [1, 2] })).toThrow("direction has 2 values, but the state has 1.");
});
