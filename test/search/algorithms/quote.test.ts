import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  defineAlgorithm,
  randomSearch,
  Session,
  zeroOrderSearch,
  type Problem,
} from "../../../src/search/index.js";
import { counted } from "../helpers/counted.js";

const base = { condition: "bright", verifier: "brightness", heldOut: ["contrast"], seed: 1 } as const;

const cases = [
  ["random, 10 candidates", randomSearch({ candidates: 10 }), { budget: {} }],
  [
    "random, Heun and guidance",
    randomSearch({ candidates: 6, perRound: 5 }),
    { budget: {}, solver: "heun", guidance: 2 },
  ],
  ["random, stochastic", randomSearch({ candidates: 3 }), { budget: {}, solver: "heun", eta: 0.5 }],
  ["random until the NFE are used up", randomSearch(), { budget: { nfe: 100 } }],
  [
    "random until the rounds are used up",
    randomSearch({ perRound: 3 }),
    { budget: { rounds: 4, nfe: 1000 } },
  ],
  ["zero-order until the calls are used up", zeroOrderSearch(), { budget: { verifierCalls: 11 } }],
  ["zero-order until the rounds are used up", zeroOrderSearch({ neighbours: 3 }), { budget: { rounds: 5 } }],
] as const;

test.each(cases)("%s: what is quoted is what is billed", async (_, algorithm, wishes) => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  const problem: Problem = { ...base, ...wishes };
  const quote = session.quote(algorithm, problem);
  const run = await session.search(algorithm, problem).run();
  const { nfe, forwards, decodes, verifierCalls } = run.ledger;
  expect(quote).toEqual({
    ...{ nfe, forwards, decodes, verifierCalls: verifierCalls["brightness"] },
    ...{ rounds: run.rounds.length, exact: true },
  });
  expect(forwards).toBe(count.forwards);
  expect(verifierCalls["contrast"]).toBe(verifierCalls["brightness"]);
});

test("a budget below the cost makes the quote an upper bound", async () => {
  const session = new Session(analyticEngine());
  const problem = { ...base, budget: { nfe: 60 } };
  const quote = session.quote(randomSearch({ candidates: 10 }), problem);
  expect(quote).toMatchObject({ nfe: 56, verifierCalls: 7, exact: true });
  expect(session.quote(randomSearch({ candidates: 10 }), { ...base, budget: { seconds: 1 } }).exact).toBe(
    false,
  );
});

test("ZO-4 with 50 NFE a trajectory and a last one of 250 costs 450, 1850 and 6650, as in the paper's figures", async () => {
  for (const [rounds, total] of [
    [1, 450],
    [8, 1850],
    [32, 6650],
  ] as const) {
    const count = counted();
    const session = new Session(analyticEngine({ side: 2, wrap: count.wrap }));
    const problem: Problem = { ...base, solver: "euler", steps: 50, guidance: 1, budget: { rounds } };
    const run = await session.search(zeroOrderSearch(), problem).run();
    expect(session.quote(zeroOrderSearch(), problem).nfe).toBe(total - 250);
    const before = run.ledger.nfe;
    // The last trajectory, from the best noise, with more steps.
    const fine = await run
      .fork(run.best!, { algorithm: randomSearch({ candidates: 1 }), steps: 250, budget: {} })
      .run();
    expect(before + fine.ledger.nfe).toBe(total);
    expect(count.forwards).toBe(total);
    const last = fine.candidates.at(-1)!;
    expect((await last.noise()).data).toEqual((await run.best!.noise()).data);
    expect(last.cost.nfe).toBe(250);
  }
});

test("an algorithm without a formula has no quote, and says what to do", () => {
  const session = new Session(analyticEngine());
  const own = defineAlgorithm("own", function* (ops) {
    yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 1 })));
  });
  expect(() => session.quote(own(), { ...base, budget: { nfe: 64 } })).toThrow(
    "Algorithm own has no cost formula: give defineAlgorithm a quote.",
  );
});
