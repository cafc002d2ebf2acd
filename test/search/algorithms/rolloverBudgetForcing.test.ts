import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { rolloverBudgetForcing } from "../../../src/search/algorithms/rolloverBudgetForcing.js";
import {
  gaussianMixture,
  randomSearch,
  Session,
  verifier,
  type SearchRun,
  type Verifier,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

const modes = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });

/** A stub whose n-th score is that of `scores`. */
function stub(score: (call: number) => number): Verifier {
  let call = 0;
  return {
    ...{ name: "stub", direction: "higher", needsCondition: false },
    score: () => Promise.reject(new Error("It scores states.")),
    scoreLatents: async (states) => states.map(() => score(call++)),
  };
}

async function searched(
  score: (call: number) => number,
  { initial = 25, steps = 10, nfe = 500 } = {},
): Promise<{ run: SearchRun; spent: number[] }> {
  const count = counted();
  const session = new Session(modes.open({ wrap: count.wrap }));
  const problem = { verifier: stub(score), steps, seed: 1, budget: { nfe } };
  const run = await session.search(rolloverBudgetForcing({ initial }), problem).run();
  expectBalanced(run.record(), count);
  return { run, spent: run.record().rounds.map(({ spent }) => spent.nfe) };
}

/** S steps of q = floor((B - K0) / S); the last two are one, because the step to level 0 is free, and get what the division leaves. */
const q = Math.floor((500 - 25) / 10);
const rest = 500 - 25 - 10 * q;

test("always improving: 1 NFE for each step, and the last one holds what rolled over", async () => {
  const { run, spent } = await searched((call) => call);
  expect(q).toBe(47);
  expect(spent).toEqual([25, 1, 1, 1, 1, 1, 1, 1, 1, 8 * (q - 1) + 2 * q + rest, 0]);
  expect(run.ledger.nfe).toBe(500);
});

test("never improving: q for each step, and nothing rolls over", async () => {
  const { run, spent } = await searched((call) => -call);
  expect(spent).toEqual([25, q, q, q, q, q, q, q, q, 2 * q + rest, 0]);
  expect(run.ledger.nfe).toBe(500);
});

test("at every step used and carried over are what was shared out; a quota used up is not exceeded", async () => {
  const { spent } = await searched((call) => Math.sin(call * call) + call / 300, { nfe: 311, initial: 11 });
  const quota = 30;
  let carry = 0;
  for (const used of spent.slice(1, 9)) {
    expect(used).toBeGreaterThanOrEqual(1);
    expect(used).toBeLessThanOrEqual(quota + carry);
    carry += quota - used;
  }
  expect(spent.slice(1, 9).reduce((sum, used) => sum + used, 0) + carry).toBe(8 * quota);
  expect(spent[9]).toBe(carry + 2 * quota);
  expect(new Set(spent.slice(1, 9)).size).toBeGreaterThan(2);
});

test("the first that beats all before it is taken; of a quota in vain, the best", async () => {
  // Four noises, then three tries in vain of which the second is best, then one that is better than all.
  const scores = [5, 9, 3, 1, 2, 7, 4, 10];
  const { run } = await searched((call) => scores[call] ?? -call, { initial: 4, steps: 4, nfe: 16 });
  const { candidates } = run.record();
  const children = candidates.filter(({ op }) => op === "denoise");
  expect(children.slice(0, 4).map(({ parents, from }) => [parents[0], from])).toEqual([
    ["r1-c1", 1],
    ["r1-c1", 1],
    ["r1-c1", 1],
    [children[1]!.id, 0.75],
  ]);
  // It was taken at once, and the two tries that it left went to the last step with the two shares of that.
  expect(children.slice(4).map(({ parents }) => parents[0])).toEqual(
    Array.from({ length: 8 }, () => children[3]!.id),
  );
  expect(children.slice(4).every(({ from }) => from === 0.5)).toBe(true);
  expect(run.best!.level).toBe(0);
  expect(run.best!.id).toBe(children[4]!.id);
});

test.each([
  [{ nfe: 500 }, 10, 25],
  [{ nfe: 131 }, 8, 25],
  [{ nfe: 64, rounds: 50 }, 8, 4],
  [{ verifierCalls: 60 }, 8, 10],
  [{ nfe: 300, verifierCalls: 60 }, 8, 10],
  [{ nfe: 12 }, 8, 25],
  [{ nfe: 8 }, 8, 25],
  [{ nfe: 8 }, 2, 3],
  [{ nfe: 5 }, 1, 3],
])(
  "budget %j in %i steps with %i noises is spent to the last, and quoted so",
  async (budget, steps, initial) => {
    const count = counted();
    const session = new Session(modes.open({ wrap: count.wrap }));
    const problem = { verifier: "linear", steps, seed: 3, budget };
    const algorithm = rolloverBudgetForcing({ initial });
    const run = await session.search(algorithm, problem).run();
    const { spent } = run.record();
    expectBalanced(run.record(), count);
    const { nfe = Infinity, verifierCalls = Infinity } = budget as { nfe?: number; verifierCalls?: number };
    const all = steps === 1 ? initial : Math.min(nfe, verifierCalls - 1);
    expect(spent).toMatchObject({ nfe: all, verifierCalls: { linear: all + 1 } });
    expect(run.best!.level).toBe(0);
    expect(run.rounds).toHaveLength(steps + 1);
    expect(session.quote(algorithm, problem)).toMatchObject({
      ...{ nfe: spent.nfe, verifierCalls: spent.verifierCalls["linear"] },
      ...{ rounds: steps + 1, exact: true },
    });
  },
);

test("too few calls for one trajectory: it ends with what it has, below the quote", async () => {
  for (const verifierCalls of [1, 2, 5]) {
    const session = new Session(modes.open());
    const problem = { verifier: "linear", seed: 3, budget: { verifierCalls } };
    const run = await session.search(rolloverBudgetForcing(), problem).run();
    const quote = session.quote(rolloverBudgetForcing(), problem);
    expect(run.state).toBe("finished");
    expect(run.best).toBeDefined();
    expect(run.ledger.verifierCalls["linear"]).toBeLessThanOrEqual(verifierCalls);
    expect(run.ledger.nfe).toBeLessThanOrEqual(quote.nfe);
    expect(quote.exact).toBe(false);
  }
});

test("it finds more than best-of-N at the same NFE", async () => {
  const session = new Session(modes.open());
  let [rollover, random] = [0, 0];
  for (let seed = 0; seed < 20; seed++) {
    const problem = { verifier: "linear", seed, eta: 1, budget: { nfe: 64 } };
    const best = async (algorithm: Parameters<Session["search"]>[0]): Promise<number> =>
      (await session.search(algorithm, problem).run()).best!.scores["linear"]!;
    rollover += (await best(rolloverBudgetForcing({ initial: 4 }))) / 20;
    random += (await best(randomSearch())) / 20;
  }
  expect(rollover).toBeGreaterThan(random);
}, 30_000);

test("a budget that cannot be counted is refused, and so is none", async () => {
  const session = new Session(modes.open());
  const problem = { verifier: "linear", seed: 1 };
  const message = /needs one that it can count: budget.nfe or budget.verifierCalls/;
  const uncounted = { ...problem, budget: { rounds: 4 } };
  expect(() => session.quote(rolloverBudgetForcing(), uncounted)).toThrow(message);
  await expect(session.search(rolloverBudgetForcing(), uncounted).run()).rejects.toThrow(message);
  expect(() => session.search(rolloverBudgetForcing(), { ...problem, budget: {} })).toThrow(/budget/);
});

test("candidates that fail have cost their share; when all fail there is no best and no error", async () => {
  const problem = { condition: "middle", seed: 1, budget: { nfe: 80 } };
  const none = verifier("none", () => NaN);
  const all = await new Session(analyticEngine())
    .search(rolloverBudgetForcing(), { ...problem, verifier: none })
    .run();
  expect([all.state, all.best, all.ledger.nfe]).toEqual(["finished", undefined, 25]);
  let calls = 0;
  const odd = verifier("odd", ({ rgb }) => (++calls % 3 === 0 ? NaN : rgb[0]![0]!));
  const some = await new Session(analyticEngine())
    .search(rolloverBudgetForcing({ initial: 9 }), { ...problem, verifier: odd })
    .run();
  expect(some.best).toBeDefined();
  expect(some.ledger.nfe).toBe(80);
  expectBalanced(some.record());
});

test.each([
  [{ initial: 0 }, "rolloverBudgetForcing: initial is 0, but must be a whole number from 1 up."],
  [{ quota: 4 }, 'rolloverBudgetForcing has no "quota". It has: initial.'],
])("options %j are refused", (options, message) => {
  expect(() => rolloverBudgetForcing(options as object)).toThrow(message);
});
