import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { successiveHalving } from "../../../src/search/algorithms/successiveHalving.js";
import {
  gaussianMixture,
  randomSearch,
  Session,
  verifier,
  type Verifier,
} from "../../../src/search/index.js";
import { normals } from "../../../src/search/random/normals.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

/** One Gaussian: its ODE is linear in the noise, so that every prediction on the way is a multiple of the starting noise. */
const line = gaussianMixture({ weights: [1], means: [[0]], variances: [1] });
const modes = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });

test("where previews keep the order, 16 -> 8 -> 4 finds the winner of best-of-16", async () => {
  const session = new Session(line.open());
  for (let seed = 0; seed < 20; seed++) {
    const problem = { verifier: "linear", seed, budget: {} };
    const halved = await session.search(successiveHalving({ at: [0.75, 0.5] }), problem).run();
    const best = await session.search(randomSearch({ candidates: 16 }), problem).run();
    expect((await halved.best!.noise()).data).toEqual((await best.best!.noise()).data);
    expect(halved.best!.scores).toEqual(best.best!.scores);
    expect(halved.candidates.filter(({ level }) => level === 0)).toHaveLength(4);
    expect(halved.candidates.filter(({ level }) => level === 0.5)).toHaveLength(4);
    expect(halved.candidates.filter(({ level }) => level === 0.75)).toHaveLength(8);
  }
});

/** Standard-normal quality of each candidate, seen on the first previews with correlation .6, on the second .8, and as it is in the end. */
function noisy(seed: number): Verifier {
  let call = 0;
  return {
    ...{ name: "noisy", direction: "higher", needsCondition: false },
    score: () => Promise.reject(new Error("It scores states.")),
    async scoreLatents(states) {
      const at = call++;
      const correlation = [0.6, 0.8, 1][at]!;
      const blur = normals({ seed, path: `blur/${at}` }, states.length);
      return states.map(
        ({ data }, i) => (correlation * data[0]!) / SCALE[at]! + Math.sqrt(1 - correlation ** 2) * blur[i]!,
      );
    },
  };
}

/** What the x0-prediction at 0.5 and 0.25, and the result of 4 Euler steps, make of a standard-normal noise; 1 at the exact ODE. */
const SCALE = scales();

function scales(): number[] {
  // v = (2 s - 1) x / ((1 - s)^2 + s^2).
  const velocity = (s: number): number => (2 * s - 1) / ((1 - s) ** 2 + s * s);
  let x = 1;
  const seen: number[] = [];
  for (const s of [1, 0.75, 0.5, 0.25]) {
    if (s <= 0.5) seen.push(x - s * velocity(s) * x);
    x -= 0.25 * velocity(s) * x;
  }
  return [...seen, x];
}

test("previews of correlation .6 and .8 find 1.705 in the mean, where best-of-16 finds 1.766", async () => {
  const session = new Session(line.open());
  const runs = 200;
  const found: number[] = [];
  const lost: number[] = [];
  for (let seed = 0; seed < runs; seed++) {
    const run = await session
      .search(successiveHalving({ at: [0.5, 0.25] }), { verifier: noisy(seed), steps: 4, seed, budget: {} })
      .run();
    const best = run.best!.scores["noisy"]!;
    const noises = await Promise.all(
      run.candidates.map(async (candidate) => (await candidate.noise()).data[0]!),
    );
    expect(noises).toHaveLength(16);
    found.push(best);
    lost.push(Math.max(...noises) - best);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / runs;
  // By 400,000 draws of a program of its own: 1.7050, and a loss of .0610 with a deviation of .190.
  expect(Math.abs(mean(found) - 1.705)).toBeLessThan((4 * 0.5855) / Math.sqrt(runs));
  expect(Math.abs(mean(lost) - 0.061)).toBeLessThan((4 * 0.19) / Math.sqrt(runs));
}, 60_000);

const costs: readonly [object, object, { nfe: number; calls: number; rounds: number }][] = [
  // 16 (s_1 + 1) + 8 (s_2 - s_1) + 4 (S - s_2 - 1) with s = 2, 4 of 8: the previews' own evaluations are shared, and none is left out.
  [{ at: [0.75, 0.5] }, { steps: 8 }, { nfe: 16 * 3 + 8 * 2 + 4 * 3, calls: 28, rounds: 3 }],
  // TTSnap's schedule: fractions of .4 at steps 6 and 11 of 20; best-of-10 in full would be 200.
  [
    { candidates: 10, keep: 0.4, at: [0.7, 0.45] },
    { steps: 20 },
    { nfe: 70 + 20 + 16, calls: 16, rounds: 3 },
  ],
  [{ candidates: 5, at: [] }, { steps: 8 }, { nfe: 40, calls: 5, rounds: 1 }],
  [{ candidates: 6, keep: 1, at: [0.5] }, { steps: 8 }, { nfe: 48, calls: 12, rounds: 2 }],
  [
    { candidates: 3, keep: 0.01, at: [0.9, 0.5, 0.51] },
    { steps: 8 },
    { nfe: 6 + 3 + 3, calls: 5, rounds: 3 },
  ],
  // Heun: a preview shares the first of a step's two evaluations, so that all of a trajectory costs 2 S - 1 as ever.
  [
    { candidates: 4, at: [0.5] },
    { steps: 4, solver: "heun" },
    { nfe: 4 * 5 + 2 * 2, calls: 6, rounds: 2 },
  ],
  [
    { candidates: 4, at: [0.5] },
    { steps: 4, eta: 1 },
    { nfe: 4 * 3 + 2, calls: 6, rounds: 2 },
  ],
  [{ candidates: 4, at: [0.5] }, { steps: 1 }, { nfe: 4, calls: 4, rounds: 1 }],
];

test.each(costs)("%j with %j costs %j, as quoted", async (options, sampling, { nfe, calls, rounds }) => {
  const count = counted();
  const session = new Session(modes.open({ wrap: count.wrap }));
  const problem = { verifier: "linear", seed: 7, budget: {}, ...sampling };
  const run = await session.search(successiveHalving(options), problem).run();
  expectBalanced(run.record(), count);
  expect(run.record().spent).toMatchObject({ nfe, verifierCalls: { linear: calls } });
  expect(run.rounds).toHaveLength(rounds);
  expect(run.candidates.filter(({ status }) => status === "final")).toEqual([run.best]);
  expect(run.best!.level).toBe(0);
  const quote = session.quote(successiveHalving(options), problem);
  expect(quote).toMatchObject({ nfe, verifierCalls: calls, rounds, exact: true });
});

test("under guidance a preview is two passes of the network and one NFE", async () => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  const problem = { condition: "bright", verifier: "brightness", guidance: 3, steps: 4, seed: 7, budget: {} };
  const run = await session.search(successiveHalving({ candidates: 4, at: [0.5] }), problem).run();
  expectBalanced(run.record(), count);
  expect(run.record().spent).toMatchObject({ nfe: 14, forwards: 28, decodes: 6 });
  const { milliseconds: _, cold, verifierCalls, ...spent } = run.ledger;
  expect(cold).toEqual(spent);
  expect(session.quote(successiveHalving({ candidates: 4, at: [0.5] }), problem)).toEqual({
    ...{ ...spent, verifierCalls: verifierCalls["brightness"], rounds: 2, exact: true },
  });
});

test("a budget that ends on the way is not overrun", async () => {
  for (const budget of [{ nfe: 31 }, { nfe: 49 }, { nfe: 66 }, { verifierCalls: 17 }, { rounds: 2 }]) {
    const count = counted();
    const session = new Session(modes.open({ wrap: count.wrap }));
    const problem = { verifier: "linear", seed: 1, budget };
    const run = await session.search(successiveHalving({ at: [0.75, 0.5] }), problem).run();
    expect(run.state).toBe("finished");
    expect(run.best).toBeDefined();
    expectBalanced(run.record(), count);
    const quote = session.quote(successiveHalving({ at: [0.75, 0.5] }), problem);
    expect(quote.exact).toBe(false);
    expect(run.ledger.nfe).toBeLessThanOrEqual(quote.nfe);
    expect(run.ledger.verifierCalls["linear"]).toBeLessThanOrEqual(quote.verifierCalls);
    expect(run.rounds.length).toBeLessThanOrEqual(quote.rounds);
  }
});

test("candidates that fail leave the others; when all fail there is no best and no error", async () => {
  const problem = { condition: "middle", seed: 1, budget: {} };
  const none = verifier("none", () => NaN);
  const all = await new Session(analyticEngine())
    .search(successiveHalving(), { ...problem, verifier: none })
    .run();
  expect([all.state, all.best]).toEqual(["finished", undefined]);
  expect(all.candidates.every(({ status }) => status === "failed")).toBe(true);
  let calls = 0;
  const odd = verifier("odd", ({ rgb }) => (++calls % 3 === 0 ? NaN : rgb[0]![0]!));
  const some = await new Session(analyticEngine())
    .search(successiveHalving(), { ...problem, verifier: odd })
    .run();
  expect(some.best!.level).toBe(0);
  expectBalanced(some.record());
});

test.each([
  [{ candidates: 0 }, "successiveHalving: candidates is 0, but must be a whole number from 1 up."],
  [{ keep: 4 }, "successiveHalving: keep, the fraction that stays, is 4, but must be a number from 0 to 1."],
  [{ keep: 0 }, "successiveHalving: keep is 0, but is the fraction that stays at each pruning, e.g. 0.5."],
  [{ at: 0.5 }, "successiveHalving: at is 0.5, but must be an array of noise levels, e.g. [0.7, 0.45]."],
  [{ at: [0.5, 7] }, "successiveHalving: at[1] is 7, but must be a number from 0 to 1."],
  [{ rungs: 2 }, 'successiveHalving has no "rungs". It has: candidates, keep, at.'],
])("options %j are refused", (options, message) => {
  expect(() => successiveHalving(options as object)).toThrow(message);
});
