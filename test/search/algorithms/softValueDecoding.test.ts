import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { mixturePosterior, type Mixture } from "../../../src/search/analytic/mixture.js";
import {
  softValueDecoding,
  type SoftValueDecodingOptions,
} from "../../../src/search/algorithms/softValueDecoding.js";
import {
  gaussianMixture,
  Session,
  verifier,
  type Candidate,
  type Denoiser,
  type SearchRun,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

/** Case G: tilted with lambda = 1/2 it has the mean 1.648, P(x > 0) = .8808 and log Z = .465. */
const G = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
const T = 2;

/** A denoiser whose x0-prediction is the exact soft value V_t(x) T; where a state goes is the exact kernel's affair. */
function withExactValues(mixture: Mixture): (denoiser: Denoiser) => Denoiser {
  return (denoiser) => ({
    ...denoiser,
    velocity: async (x, _samples, level) =>
      x.map((state) => {
        const { gammas, meanOf, varianceOf } = mixturePosterior(mixture, [state], level);
        const z = gammas.reduce(
          (sum, gamma, k) => sum + gamma * Math.exp(meanOf(k, 0) / T + varianceOf(k) / (2 * T * T)),
          0,
        );
        return (state - T * Math.log(z)) / level;
      }),
    dispose: () => denoiser.dispose(),
  });
}

/** Those that were chosen; the best of all may be one that was not. */
function population(run: SearchRun): Candidate[] {
  return run.candidates.filter(
    ({ level, status, logWeight }) => level === 0 && status !== "dropped" && logWeight !== -Infinity,
  );
}

async function sampled(
  options: Partial<SoftValueDecodingOptions>,
  wrap?: (denoiser: Denoiser) => Denoiser,
): Promise<{ values: number[]; weights: number[]; mean: number; error: number }> {
  const session = new Session(G.open(wrap ? { wrap } : {}));
  const run = await session
    .search(softValueDecoding({ temperature: T, ...options }), { verifier: "linear", seed: 11, budget: {} })
    .run();
  const particles = population(run);
  expect(particles).toHaveLength(options.particles!);
  const values = particles.map(({ scores }) => scores["linear"]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const weights = particles.map(({ logWeight = 0 }) => Math.exp(logWeight));
  return { values, weights, mean, error: Math.sqrt(variance / values.length) };
}

// Expected means of 40,000 particles, by a program of its own: standard errors .006 to .008.
test("with exact values the tilt grows with M towards the target", async () => {
  const cases = [
    { children: 2, particles: 400, expected: 0.87 },
    { children: 4, particles: 250, expected: 1.3 },
    { children: 8, particles: 150, expected: 1.499 },
    { children: 32, particles: 120, expected: 1.621 },
  ];
  const means: number[] = [];
  for (const { children, particles, expected } of cases) {
    const { mean, error } = await sampled({ children, particles }, withExactValues(G));
    expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.hypot(error, 0.008));
    means.push(mean);
  }
  // The others are nearer to each other than this many particles tell apart; M = 32 has a standard error of .13.
  expect(means[2]).toBeGreaterThan(means[0]!);
  expect(means[3]! - means[0]!).toBeGreaterThan(3 * 0.13);
}, 120_000);

test.each([
  [2, 2.32, 400],
  [8, 3.785, 100],
])(
  "the argmax in the place of the draw overshoots the target of 1.648: M = %i, %f",
  async (children, expected, particles) => {
    const { mean, error } = await sampled({ children, particles, choose: "argmax" }, withExactValues(G));
    expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.hypot(error, 0.008));
    expect(mean - 4 * error).toBeGreaterThan(1.648);
  },
  60_000,
);

test("M = 1 is plain stochastic sampling", async () => {
  const { values, weights, mean, error } = await sampled({ children: 1, particles: 1000 });
  expect(Math.abs(mean - 0.005)).toBeLessThan(4 * error);
  const above = values.filter((value) => value > 0).length / 1000;
  expect(Math.abs(above - 0.5)).toBeLessThan(4 * 0.0158);
  // E x^2 = 4.25 and E x^4 = 16 + 6 + 3 / 16, so that the standard error is .064.
  const square = values.reduce((sum, value) => sum + value * value, 0) / 1000;
  expect(Math.abs(square - 4.25)).toBeLessThan(4 * 0.064);
  // The values on the way fall out of the weight of a lineage of only children.
  values.forEach((value, i) => expect(Math.log(weights[i]!)).toBeCloseTo(value / T, 10));
}, 60_000);

test.each([
  [2, 600],
  [6, 250],
])(
  "weighted, M = %i is exact with predictions that are not, and Z is unbiased",
  async (children, particles) => {
    const { values, weights } = await sampled({ children, particles });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total;
    const errorOf = (terms: readonly number[]): number =>
      Math.sqrt(terms.reduce((sum, term) => sum + term * term, 0)) / total;
    const target = G.target({ temperature: T });
    expect(Math.abs(mean - target.mean[0]!)).toBeLessThan(
      4 * errorOf(values.map((value, i) => weights[i]! * (value - mean))),
    );
    const z = total / particles;
    expect(Math.abs(z - Math.exp(target.logZ))).toBeLessThan(
      4 * z * errorOf(weights.map((weight) => weight - z)),
    );
  },
  60_000,
);

test.each([
  [{ particles: 3, children: 5 }, 8],
  [{ particles: 2, children: 1 }, 6],
  [{ particles: 2, children: 3, choose: "argmax" as const }, 1],
])("%j in %i steps: 1 + M (S - 1) NFE a particle, M S calls, as quoted", async (options, steps) => {
  const count = counted();
  const session = new Session(G.open({ wrap: count.wrap }));
  const problem = { verifier: "linear", steps, seed: 2, budget: {} };
  const run = await session.search(softValueDecoding(options), problem).run();
  const { particles, children } = options;
  const record = run.record();
  expectBalanced(record, count);
  expect(record.spent).toMatchObject({
    nfe: particles * (1 + children * (steps - 1)),
    verifierCalls: { linear: particles * children * steps },
  });
  expect(run.rounds).toHaveLength(steps);
  expect(session.quote(softValueDecoding(options), problem)).toMatchObject({
    nfe: record.spent.nfe,
    verifierCalls: record.spent.verifierCalls["linear"],
    rounds: steps,
    exact: true,
  });
});

test("each particle goes on from one of its own children", async () => {
  const algorithm = softValueDecoding({ particles: 3, children: 4 });
  const run = await new Session(G.open())
    .search(algorithm, { verifier: "linear", seed: 4, budget: {} })
    .run();
  const byId = new Map(run.candidates.map((candidate) => [candidate.id, candidate]));
  const roots = population(run).map((candidate) => {
    let at = candidate;
    while (at.parents.length > 0) at = byId.get(at.parents[0]!)!;
    return at.id;
  });
  expect(new Set(roots).size).toBe(3);
});

test("a budget that ends on the way leaves the best of what there is, and is not overrun", async () => {
  for (const nfe of [8, 20, 43]) {
    const count = counted();
    const session = new Session(G.open({ wrap: count.wrap }));
    const problem = { verifier: "linear", seed: 1, budget: { nfe } };
    const run = await session.search(softValueDecoding({ particles: 2, children: 3 }), problem).run();
    expect(run.state).toBe("finished");
    expect(run.ledger.nfe).toBeLessThanOrEqual(nfe);
    expectBalanced(run.record(), count);
    expect(run.best).toBeDefined();
    const quote = session.quote(softValueDecoding({ particles: 2, children: 3 }), problem);
    expect(quote.nfe).toBeGreaterThanOrEqual(run.ledger.nfe);
  }
});

test("a verifier that fails on all candidates ends the search without a best; on some, the others go on", async () => {
  const none = verifier("none", () => NaN);
  const problem = { condition: "middle", seed: 1, budget: {} };
  const options = { particles: 2, children: 2 };
  const all = await new Session(analyticEngine())
    .search(softValueDecoding(options), { ...problem, verifier: none })
    .run();
  expect(all.state).toBe("finished");
  expect(all.best).toBeUndefined();
  let calls = 0;
  const odd = verifier("odd", ({ rgb }) => (++calls % 3 === 0 ? NaN : rgb[0]![0]!));
  const some = await new Session(analyticEngine())
    .search(softValueDecoding({ particles: 2, children: 4 }), { ...problem, verifier: odd })
    .run();
  expect(some.best!.level).toBe(0);
  expectBalanced(some.record());
});

test("a temperature so low that weights overflow is an error that says so", async () => {
  const run = new Session(G.open()).search(softValueDecoding({ temperature: 1e-320 }), {
    ...{ verifier: "linear", seed: 1, budget: {} },
  });
  await expect(run.run()).rejects.toThrow(/temperature/i);
});

test.each([
  [{ children: 0 }, "softValueDecoding: children is 0, but must be a whole number from 1 up."],
  [{ particles: 1.5 }, "softValueDecoding: particles is 1.5"],
  [{ temperature: 0 }, "softValueDecoding: temperature is 0, but must be a number above 0."],
  [{ choose: "best" }, 'softValueDecoding: choose "best" does not exist. There is: sample, argmax.'],
  [{ alpha: 1 }, 'softValueDecoding has no "alpha". It has: particles, children, temperature, choose.'],
])("options %j are refused", (options, message) => {
  expect(() => softValueDecoding(options as object)).toThrow(message);
});
