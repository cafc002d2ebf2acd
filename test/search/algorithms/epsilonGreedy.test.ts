import { expect, test } from "vitest";
import { epsilonGreedy } from "../../../src/search/algorithms/epsilonGreedy.js";
import { analyticEngine, gaussianMixture, Session } from "../../../src/search/index.js";
import { bridge } from "../../../src/search/schedules/bridge.js";
import { flowPoint } from "../../../src/search/schedules/pathPoint.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { failing } from "../helpers/failing.js";

const one = gaussianMixture({ weights: [1], means: [[0, 0, 0]], variances: [1] });
const problem = { verifier: "linear", seed: 1, steps: 5, budget: {} } as const;

test.each([
  [1, 1, 5],
  [3, 4, 5],
  [2, 5, 8],
  [20, 4, 8],
  [3, 4, 1],
])(
  "K = %d, N = %d, S = %d: 1 + (S - 1) K N NFE, less than the S (K N + 1) of the published code",
  async (iterations, neighbours, steps) => {
    const count = counted();
    const session = new Session(one.open({ wrap: count.wrap }));
    const algorithm = epsilonGreedy({ iterations, neighbours });
    const run = await session.search(algorithm, { ...problem, steps }).run();
    const searched = (steps - 1) * iterations * neighbours;
    expect(run.ledger).toMatchObject({ nfe: 1 + searched, verifierCalls: { linear: searched + 1 } });
    expect(run.ledger.nfe).toBeLessThan(steps * (iterations * neighbours + 1));
    expect(run.rounds).toHaveLength(steps);
    expect(session.quote(algorithm, { ...problem, steps })).toMatchObject({
      ...{ nfe: run.ledger.nfe, verifierCalls: searched + 1, rounds: steps, exact: true },
    });
    expectBalanced(run.record(), count);
  },
);

test("candidates are as far from the pivot as stated, or fresh with probability epsilon; the best becomes the pivot", async () => {
  // What the step adds is deviation * z: differences of states at a level are differences of their noises.
  const distances = async (epsilon: number): Promise<number[]> => {
    const big = gaussianMixture({ weights: [1], means: [new Array(256).fill(0)], variances: [1] });
    const algorithm = epsilonGreedy({ epsilon, iterations: 40, neighbours: 5, radius: 0.15 });
    const asked = { ...problem, steps: 2, budget: { rounds: 1 } };
    const run = await new Session(big.open()).search(algorithm, asked).run();
    const { deviation } = bridge(flowPoint(1), flowPoint(0.5), 1);
    const candidates = run.record().candidates.filter(({ level }) => level === 0.5);
    expect(candidates).toHaveLength(200);
    const values: number[] = [];
    for (let k = 1; k < 40; k++) {
      const before = candidates.slice(5 * (k - 1), 5 * k);
      const best = before.reduce((a, b) => (b.scores["linear"]! > a.scores["linear"]! ? b : a));
      const pivot = (await run.candidate(best.id).latent()).data;
      for (const { id } of candidates.slice(5 * k, 5 * (k + 1))) {
        const state = (await run.candidate(id).latent()).data;
        const square = state.reduce((sum, value, i) => sum + (value - pivot[i]!) ** 2, 0);
        values.push(Math.sqrt(square / 256) / deviation);
      }
    }
    return values;
  };
  const near = await distances(0);
  // U(0, 0.15): mean 0.075, standard error of 195 0.0031.
  for (const value of near) expect(value).toBeLessThan(0.15 + 1e-6);
  expect(Math.abs(near.reduce((sum, value) => sum + value, 0) / 195 - 0.075)).toBeLessThan(0.0125);
  const mixed = await distances(0.4);
  const fresh = mixed.filter((value) => value > 0.5).length;
  // Binomial: 78, standard deviation 6.8. A fresh noise is sqrt(2) away, and a little more from a pivot that grew.
  expect(Math.abs(fresh - 78)).toBeLessThan(28);
  expect(mixed.every((value) => value < 0.15 + 1e-6 || (value > 1.1 && value < 2.5))).toBe(true);
});

test("of each step one candidate goes on, and it is the last pivot", async () => {
  const algorithm = epsilonGreedy({ iterations: 6, neighbours: 3 });
  const run = await new Session(one.open()).search(algorithm, problem).run();
  const { candidates } = run.record();
  let expected = candidates.find(({ op }) => op === "noise")!.id;
  for (const [index, level] of [0.8, 0.6, 0.4, 0.2].entries()) {
    const made = candidates.filter((c) => c.op === "denoise" && c.round === index + 1);
    expect(made).toHaveLength(18);
    for (const { parents, from } of made)
      expect([parents[0], from]).toEqual([
        expected,
        run.candidate(expected).level === 0 ? from : run.candidate(expected).level,
      ]);
    const scoreAt = (c: (typeof made)[number]): number =>
      [{ level: c.level, scores: c.scores }, ...(c.earlier ?? [])].find(
        (e) => Math.abs(e.level - level) < 1e-9,
      )!.scores["linear"]!;
    const best = made.slice(-3).reduce((a, b) => (scoreAt(b) > scoreAt(a) ? b : a));
    expect(made.filter(({ status }) => status !== "dropped").map(({ id }) => id)).toEqual([best.id]);
    expected = best.id;
  }
  expect(run.best!.id).toBe(expected);
  expect(run.best!.level).toBe(0);
});

test("it climbs: far above a sample of the model", async () => {
  const session = new Session(one.open());
  let sum = 0;
  for (let seed = 0; seed < 10; seed++) {
    const run = await session.search(epsilonGreedy({ iterations: 5 }), { ...problem, seed }).run();
    sum += run.best!.scores["linear"]! / 10;
  }
  // A sample has mean 0 and deviation sqrt(3).
  expect(sum).toBeGreaterThan(2.5);
});

test("budgets and an image model", async () => {
  for (const budget of [{ nfe: 29 }, { verifierCalls: 7 }, { rounds: 2 }]) {
    const session = new Session(one.open());
    const run = await session.search(epsilonGreedy(), { ...problem, budget }).run();
    const quote = session.quote(epsilonGreedy(), { ...problem, budget });
    expect(run.ledger.nfe).toBeLessThanOrEqual(quote.nfe);
    expect(run.ledger.verifierCalls["linear"]).toBeLessThanOrEqual(quote.verifierCalls);
    expectBalanced(run.record());
  }
  const images = { verifier: "brightness", condition: "bright", guidance: 2, steps: 4, budget: {} };
  const run = await new Session(analyticEngine()).search(epsilonGreedy({ iterations: 2 }), images).run();
  expect(run.ledger).toMatchObject({ nfe: 1 + 3 * 8, forwards: 50 });
  expectBalanced(run.record());
});

test("a verifier that fails on some leaves the others of the round, on all nothing", async () => {
  const some = { ...problem, verifier: failing((call) => call % 4 === 1) };
  const run = await new Session(one.open()).search(epsilonGreedy({ iterations: 3 }), some).run();
  expect(run.rounds).toHaveLength(5);
  expectBalanced(run.record());
  const all = { ...problem, verifier: failing(() => true) };
  const none = await new Session(one.open()).search(epsilonGreedy({ iterations: 3 }), all).run();
  expect([none.state, none.best]).toEqual(["finished", undefined]);
});

test.each([
  [{ epsilon: 1.1 }, "epsilonGreedy: epsilon is 1.1, but must be a number from 0 to 1."],
  [{ iterations: 0 }, "epsilonGreedy: iterations is 0"],
  [{ neighbours: 1.5 }, "epsilonGreedy: neighbours is 1.5"],
  [{ radius: -0.1 }, "epsilonGreedy: radius is -0.1, but must be a number from 0 up."],
  [{ lambda: 1 }, 'epsilonGreedy has no "lambda". It has: epsilon, iterations, neighbours, radius.'],
])("options %j are refused", (options, message) => {
  expect(() => epsilonGreedy(options as object)).toThrow(message);
});
