import { expect, test } from "vitest";
import {
  defineAlgorithm,
  effectiveSampleSize,
  feynmanKac,
  gaussianMixture,
  logMeanExp,
  Session,
  type Algorithm,
  type AnalyticModel,
  type Handle,
  type SearchRun,
  type TiltedTarget,
  type Verifier,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { caseG, mean, survivors, variance } from "../helpers/mixtures.js";

const problem = { verifier: "linear", budget: {}, seed: 5, steps: 8 } as const;
const everyLevel = [7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8];
const TEMPERATURE = 2;

interface Reached {
  readonly mean: number;
  readonly positive: number;
  readonly logZ: number;
}

function reached(run: SearchRun): Reached {
  const values = survivors(run);
  const weights = run.candidates
    .filter(({ status }) => status !== "dropped")
    .map(({ logWeight }) => logWeight!);
  return {
    mean: mean(values),
    positive: values.filter((x) => x > 0).length / values.length,
    logZ: logMeanExp(weights),
  };
}

async function steer(algorithm: Algorithm, wishes: object = {}): Promise<Reached> {
  return reached(await new Session(caseG.open()).search(algorithm, { ...problem, ...wishes }).run());
}

/** The closed form: 1.648, .8808 and .465. Tolerances of 20,000 particles, wider by the square root for fewer. */
function hits(particles: number): (reached: Reached) => boolean {
  const scale = Math.sqrt(20_000 / particles);
  return ({ mean, positive, logZ }) =>
    Math.abs(mean - 1.648188) < 0.05 * scale &&
    Math.abs(positive - 0.880797) < 0.02 * scale &&
    Math.abs(logZ - 0.465031) < 0.02 * scale;
}

test.each([
  ["difference, resampled at every level", 10_000, { resampleAt: everyLevel }],
  ["difference, adaptive, the weights carried on", 5000, {}],
  [
    "difference, multinomial at three levels",
    5000,
    { resampleAt: [0.75, 0.5, 0.25], resampling: "multinomial" },
  ],
  ["max", 5000, { potential: "max", resampleAt: [0.5] }],
] as const)(
  "case G is reached by %s",
  async (_, particles, options) => {
    const result = await steer(feynmanKac({ particles, temperature: TEMPERATURE, ...options }));
    expect(result).toSatisfy(hits(particles));
  },
  120_000,
);

const TRAPPED = 4000;

/** The method with one of the two mistakes of published code in it. */
const mistaken = defineAlgorithm<{ readonly trap: "dropped weights" | "running maximum" }>(
  "mistaken",
  function* (ops, { trap }) {
    const particles = TRAPPED;
    const past = new Map<string, { last: number; max: number; product: number }>();
    const pastOf = ({ id, parent }: Handle) =>
      past.get(id) ?? past.get(parent ?? "") ?? { last: 0, max: -Infinity, product: 0 };
    let population = yield* ops.noise({ count: particles });
    for (const to of ops.levels.slice(1)) {
      population = yield* ops.score(yield* ops.preview(yield* ops.denoise(population, { to, eta: 1 })));
      const logWeights: number[] = [];
      for (const particle of population) {
        const { last, max, product } = pastOf(particle);
        const score = particle.score! / TEMPERATURE;
        const top = Math.max(max, score);
        const maximum = trap === "running maximum";
        const logG = maximum ? (to > 0 ? top : top - product) : score - last;
        logWeights.push((trap === "dropped weights" ? 0 : (particle.logWeight ?? 0)) + logG);
        past.set(particle.id, { last: score, max: top, product: product + logG });
      }
      population = yield* ops.weigh(population, logWeights);
      const isDue =
        trap === "dropped weights" ? 2 * effectiveSampleSize(logWeights) < particles : to === 0 || to === 0.5;
      if (isDue) population = yield* ops.resample(population);
      yield* ops.endRound();
    }
  },
  { ends: () => true },
);

test("dropping the weights where nothing is resampled gives back the base distribution", async () => {
  const result = await steer(mistaken({ trap: "dropped weights" }));
  expect(result).not.toSatisfy(hits(TRAPPED));
  expect(Math.abs(result.mean)).toBeLessThan(0.1);
});

test("the running maximum in the last weight misses the target", async () => {
  const result = await steer(mistaken({ trap: "running maximum" }));
  expect(result).not.toSatisfy(hits(TRAPPED));
  expect(result.mean).toBeLessThan(1.5);
});

test.each(["difference", "max", "sum"] as const)(
  "%s: weights that are carried through every level end as exp(r / T), to 1e-10",
  async (potential) => {
    // At a temperature so high ESS never falls below half: nothing is resampled before the end.
    const algorithm = feynmanKac({ particles: 30, temperature: 1e4, potential });
    const carried = new Map<string, number>();
    const run = new Session(caseG.open()).search(
      {
        ...algorithm,
        *plan(ops) {
          const plan = algorithm.plan(ops);
          for (let step = plan.next(); !step.done;) {
            const op = step.value;
            if (op.kind === "weigh") op.candidates.forEach((id, i) => carried.set(id, op.logWeights[i]!));
            step = plan.next(yield op);
          }
        },
      },
      problem,
    );
    await run.run();
    for (const [id, weight] of carried) {
      expect(Math.abs(weight - run.candidate(id).scores["linear"]! / 1e4)).toBeLessThan(1e-10);
    }
  },
);

test("Z is estimated without bias by four particles", async () => {
  const session = new Session(caseG.open());
  const estimates: number[] = [];
  for (let seed = 0; seed < 1000; seed++) {
    const algorithm = feynmanKac({
      particles: 4,
      temperature: TEMPERATURE,
      resampleAt: everyLevel,
      resampling: "multinomial",
    });
    const run = await session.search(algorithm, { ...problem, seed }).run();
    estimates.push(Math.exp(run.record().rounds.at(-1)!.particles!.logZ));
  }
  // Standard deviation of one estimate .707, as measured over 20,000 runs: .0050 sqrt(20000).
  expect(Math.abs(mean(estimates) - 1.592063)).toBeLessThan((3.5 * 0.707) / Math.sqrt(estimates.length));
}, 120_000);

test("another mixture, temperature and dimension", async () => {
  const model = gaussianMixture({
    weights: [0.3, 0.7],
    means: [
      [1, 0],
      [-1, 0.5],
    ],
    variances: [0.2, 0.6],
  });
  const target = model.target({ temperature: 1.5 });
  const run = await new Session(model.open())
    .search(feynmanKac({ particles: 4000, temperature: 1.5 }), { ...problem, steps: 10 })
    .run();
  const { mean: value, logZ } = reached(run);
  expect(Math.abs(value - target.mean[0]! - target.mean[1]!)).toBeLessThan(0.08);
  expect(Math.abs(logZ - target.logZ)).toBeLessThan(0.04);
}, 120_000);

/** Mean of the linear reward and Z-hat over Z of several runs, with their standard errors. */
async function over(
  runs: number,
  algorithm: Algorithm,
  { model, exact }: { readonly model: AnalyticModel; readonly exact: TiltedTarget },
): Promise<{
  readonly mean: number;
  readonly meanError: number;
  readonly ratio: number;
  readonly ratioError: number;
}> {
  const session = new Session(model.open());
  const found: Reached[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    found.push(reached(await session.search(algorithm, { ...problem, seed }).run()));
  }
  const means = found.map((one) => one.mean);
  const ratios = found.map(({ logZ }) => Math.exp(logZ - exact.logZ));
  const error = (values: readonly number[]): number => Math.sqrt(variance(values) / runs);
  return { mean: mean(means), meanError: error(means), ratio: mean(ratios), ratioError: error(ratios) };
}

// "sum" with few levels or little tilt: elsewhere its last weights are those of a few particles.
test.each([
  ["difference", 2, {}],
  ["max", 10, {}],
  ["sum", 10, { resampleAt: [0.5] }],
  ["sum", 100, {}],
] as const)(
  "in 8 dimensions %s at T = %d %j: mean and Z within their standard errors",
  async (potential, temperature, more) => {
    const alternating = (value: number): number[] =>
      Array.from({ length: 8 }, (_, j) => (j % 2 ? value / 2 : value));
    const model = gaussianMixture({
      weights: [0.3, 0.7],
      means: [alternating(1), alternating(-1)],
      variances: [0.2, 0.6],
    });
    const exact = model.target({ temperature });
    const algorithm = feynmanKac({ particles: 300, temperature, potential, ...more });
    const found = await over(12, algorithm, { model, exact });
    const total = exact.mean.reduce((sum, value) => sum + value, 0);
    // 11 degrees of freedom: Student's t is 4.4 where a normal one is at 3.3.
    expect(Math.abs(found.mean - total)).toBeLessThan(4.4 * found.meanError);
    expect(Math.abs(found.ratio - 1)).toBeLessThan(4.4 * found.ratioError);
    expect(found.meanError).toBeLessThan(0.3);
    expect(found.ratioError).toBeLessThan(0.1);
  },
  120_000,
);

test("K S NFE, as quoted and as the model counts them; one evaluation serves prediction and step", async () => {
  for (const options of [{}, { resampleAt: [0.8, 0.5] }, { resampleAt: [] }]) {
    const count = counted();
    const session = new Session(caseG.open({ wrap: count.wrap, batch: 3 }));
    const algorithm = feynmanKac({ particles: 7, temperature: 2, ...options });
    const run = await session.search(algorithm, problem).run();
    const record = run.record();
    expectBalanced(record, count);
    const quote = session.quote(algorithm, problem);
    expect(quote).toMatchObject({ nfe: 56, exact: true, rounds: record.rounds.length });
    expect(record.spent).toMatchObject({
      nfe: 56,
      verifierCalls: { linear: quote.verifierCalls },
      decodes: 0,
    });
  }
});

test("each round says effective sample size, ancestors and log Z; lineages are in the record", async () => {
  const run = await new Session(caseG.open())
    .search(feynmanKac({ particles: 16, temperature: 0.2, resampleAt: everyLevel }), problem)
    .run();
  const { rounds, candidates } = run.record();
  expect(rounds).toHaveLength(8);
  for (const { particles } of rounds) {
    expect(particles).toMatchObject({ count: 16, resampled: true });
    expect(particles!.ess).toBeGreaterThanOrEqual(1);
    expect(particles!.ancestors).toBeLessThanOrEqual(16);
  }
  const ancestors = rounds.map(({ particles }) => particles!.ancestors);
  expect(ancestors).toEqual([...ancestors].sort((a, b) => b - a));
  const copies = candidates.filter(({ op }) => op === "resample");
  expect(copies.length).toBeGreaterThan(0);
  for (const { parents, from } of copies) {
    expect(parents).toHaveLength(1);
    expect(run.candidate(parents[0]!).level).toBeLessThanOrEqual(from);
  }
});

test("the sample is as large as asked for; what a resampling passed over is no part of it, even the best of all", async () => {
  const session = new Session(caseG.open());
  let passedOver = 0;
  for (let seed = 0; seed < 20; seed++) {
    const run = await session
      .search(feynmanKac({ particles: 5, temperature: 4, resampling: "multinomial" }), { ...problem, seed })
      .run();
    expect(survivors(run)).toHaveLength(5);
    const scores = run.candidates.filter(({ level }) => level === 0).map((at) => at.scores["linear"]!);
    expect(run.best!.scores["linear"]).toBe(Math.max(...scores));
    if (run.best!.status === "dropped") passedOver++;
    else expect(run.best!.status).toBe("final");
  }
  expect(passedOver).toBeGreaterThan(0);
  expect(passedOver).toBeLessThan(20);
});

test("a verifier that fails on some particles loses those, on all of them it ends the search", async () => {
  const picky = (fails: (x: number) => boolean): Verifier => ({
    ...{ name: "picky", direction: "higher", needsCondition: false },
    score: () => Promise.reject(new Error("scores states")),
    scoreLatents: async (states) => states.map(({ data }) => (fails(data[0]!) ? NaN : data[0]!)),
  });
  const search = feynmanKac({ particles: 12, temperature: 1 });
  const some = await new Session(caseG.open())
    .search(search, { ...problem, verifier: picky((x) => x > 2) })
    .run();
  expect(some.state).toBe("finished");
  expect(survivors(some)).toHaveLength(12);
  expect(some.notices[0]).toMatch(/^Verifier picky failed on \d+ of \d+ candidates: /);
  const all = await new Session(caseG.open())
    .search(search, { ...problem, verifier: picky(() => true) })
    .run();
  expect(all.state).toBe("finished");
  expect(all.best).toBeUndefined();
  expect(all.ledger.nfe).toBe(24);
});

test("a temperature that overflows is an error with a sentence, and the run keeps what it has", async () => {
  const run = new Session(caseG.open()).search(feynmanKac({ temperature: 1e-308 }), problem);
  await expect(run.run()).rejects.toThrow("A temperature too close to 0 makes weights overflow.");
  expect(run.record()).toMatchObject({ state: "failed" });
  expect(run.candidates.length).toBeGreaterThanOrEqual(4);
});

test.each([
  [{ particles: 0 }, "feynmanKac: particles is 0"],
  [{ temperature: 0 }, "feynmanKac: temperature is 0, but must be a number above 0."],
  [{ potential: "min" }, 'feynmanKac: potential "min" does not exist. There is: difference, max, sum.'],
  [{ resampleAt: "often" }, 'resampleAt is "often", but must be "adaptive" or an array of noise levels'],
  [{ resampleAt: [2] }, "feynmanKac: resampleAt[0] is 2, but must be a number from 0 to 1."],
  [{ resampling: "best" }, 'feynmanKac: resampling "best" does not exist.'],
])("options %j are refused", (options, message) => {
  expect(() => feynmanKac(options as object)).toThrow(message);
});
