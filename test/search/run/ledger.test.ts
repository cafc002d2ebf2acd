import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  randomSearch,
  Session,
  verifier,
  zeroOrderSearch,
  type Algorithm,
  type Problem,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

const base = { condition: "bright", verifier: "brightness", heldOut: ["contrast"], seed: 1 } as const;

const cases: readonly [string, Algorithm, Problem, { nfe: number; forwards: number; candidates: number }][] =
  [
    [
      "random, Euler n",
      randomSearch({ candidates: 10 }),
      { ...base, budget: {}, solver: "euler", steps: 5, guidance: 1 },
      { nfe: 50, forwards: 50, candidates: 10 },
    ],
    [
      "random, Heun 2n - 1",
      randomSearch({ candidates: 10, perRound: 3 }),
      { ...base, budget: {}, solver: "heun", steps: 5, guidance: 1 },
      { nfe: 90, forwards: 90, candidates: 10 },
    ],
    [
      "random, guidance",
      randomSearch({ candidates: 4 }),
      { ...base, budget: {}, solver: "heun", steps: 5, guidance: 2.5 },
      { nfe: 36, forwards: 72, candidates: 4 },
    ],
    [
      "zero-order, 3 rounds: the pivot is not billed",
      zeroOrderSearch({ neighbours: 4 }),
      { ...base, budget: { rounds: 3 }, steps: 8, guidance: 2 },
      { nfe: 96, forwards: 192, candidates: 13 },
    ],
    [
      "zero-order until the NFE are used up",
      zeroOrderSearch({ neighbours: 4 }),
      { ...base, budget: { nfe: 80 }, steps: 8, guidance: 1 },
      { nfe: 80, forwards: 80, candidates: 11 },
    ],
  ];

test.each(cases)(
  "%s: candidates = rounds = run = the model's own count",
  async (_, algorithm, problem, expected) => {
    const count = counted();
    const session = new Session(analyticEngine({ wrap: count.wrap, batch: 3 }));
    const run = await session.search(algorithm, problem).run();
    const record = run.record();
    expectBalanced(record, count);
    expect(run.state).toBe("finished");
    expect(record.spent).toMatchObject({ nfe: expected.nfe, forwards: expected.forwards });
    expect(record.candidates).toHaveLength(expected.candidates);
    expect(session.ledger).toMatchObject(record.spent);
    expect(run.ledger).toMatchObject(record.spent);
  },
);

test("after a stop in the middle of a model's work, what was cut off is billed", async () => {
  for (const at of [1, 5, 9, 11, 30]) {
    const count = counted();
    const session = new Session(analyticEngine({ wrap: count.wrap, batch: 2 }));
    const run = session.search(randomSearch({ perRound: 5 }), { ...base, budget: { nfe: 400 }, guidance: 2 });
    count.before = (calls) => {
      if (calls === at) run.stop();
    };
    await run.run();
    const record = run.record();
    expect(record.state).toBe("stopped");
    expect(record.reason).toMatch(/^Stopped in round \d+\.$/);
    expect(count.calls).toBe(at + 1);
    expectBalanced(record, count);
    expect(session.ledger.forwards).toBe(count.forwards);
  }
});

test("a stop in the middle of scoring keeps what is scored and bills what was called", async () => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  let calls = 0;
  const slow = verifier("slow", ({ rgb }) => {
    if (++calls === 3) run.stop();
    return rgb[0]![0]!;
  });
  const run = session.search(randomSearch({ perRound: 8 }), {
    ...base,
    verifier: slow,
    budget: { nfe: 400 },
  });
  await run.run();
  expectBalanced(run.record(), count);
  expect(run.ledger.verifierCalls).toEqual({ slow: 3 });
  expect(run.best).toBeDefined();
});

test("a warm cache bills nothing and changes no byte of the record; the live ledger says both", async () => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  const problem = { ...base, budget: { nfe: 100 } };
  const cold = await session.search(randomSearch(), problem).run();
  const forwards = count.forwards;
  const warm = await session.search(randomSearch(), problem).run();
  expect(count.forwards).toBe(forwards);
  const { cold: would } = cold.ledger;
  expect(warm.ledger).toMatchObject({ nfe: 0, forwards: 0, decodes: 0, verifierCalls: {}, cold: would });
  expect(warm.best!.cost).toMatchObject({ nfe: 0, cold: { nfe: 8 } });
  expect(JSON.stringify({ ...warm.record(), id: cold.id })).toBe(JSON.stringify(cold.record()));
  expect(warm.id).toBe(`${cold.id}-2`);
  expectBalanced(warm.record());
});

test("another verifier on the same candidates samples nothing", async () => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  await session.search(randomSearch({ candidates: 8 }), { ...base, budget: {} }).run();
  const forwards = count.forwards;
  const other = session.search(randomSearch({ candidates: 8 }), {
    ...base,
    verifier: "contrast",
    heldOut: [],
    budget: {},
  });
  await other.run();
  expect(count.forwards).toBe(forwards);
  expect(other.ledger).toMatchObject({ nfe: 0, cold: { nfe: 64 } });
});

test("the milliseconds of candidates add up to those of the run, and are in no record", async () => {
  const session = new Session(analyticEngine());
  const run = await session.search(randomSearch({ candidates: 8 }), { ...base, budget: {} }).run();
  const sum = run.candidates.reduce((total, { cost }) => total + cost.milliseconds, 0);
  expect(sum).toBeCloseTo(run.ledger.milliseconds, 6);
  expect(sum).toBeGreaterThan(0);
  expect(JSON.stringify(run.record())).not.toContain("illiseconds");
});
