import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { searchOverPaths, Session, verifier, type Verifier } from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { kolmogorovSmirnov, normalCdf, standardNormal, survivors, variance } from "../helpers/mixtures.js";

const constant: Verifier = {
  ...{ name: "constant", direction: "higher", needsCondition: false },
  score: () => Promise.reject(new Error("scores states")),
  scoreLatents: async (states) => states.map(() => 1),
};

test.each([
  { paths: 1, width: 1, start: 0.7, forward: 0.1, backward: 0.3 },
  { paths: 2, width: 3, start: 0.5, forward: 0.3, backward: 0.4 },
])(
  "under a constant verifier the result has the law of the model: %j",
  async (options) => {
    const session = new Session(standardNormal.open());
    const results: number[] = [];
    for (let seed = 0; seed < 500; seed++) {
      const run = await session
        .search(searchOverPaths(options), {
          verifier: constant,
          heldOut: ["linear"],
          budget: {},
          seed,
          steps: 20,
          solver: "heun",
        })
        .run();
      const [last] = run.candidates.filter(({ level, status }) => level === 0 && status === "final");
      results.push(last!.scores["linear"]!);
    }
    expect(kolmogorovSmirnov(results, normalCdf)).toBeGreaterThan(0.01);
    expect(Math.abs(variance(results) - 1)).toBeLessThan(4 * Math.sqrt(2 / results.length));
  },
  60_000,
);

test.each([
  ["heun", 8, { paths: 2, width: 3, start: 0.4, forward: 0.1, backward: 0.2 }, 4],
  ["euler", 10, { paths: 3, width: 2, start: 0.6, forward: 0.2, backward: 0.4 }, 3],
  ["euler", 5, { paths: 1, width: 4, start: 1, forward: 0.3, backward: 0.4 }, 8],
] as const)(
  "%s, %i steps, %j: %i rounds, billed as the formula says",
  async (solver, steps, options, rounds) => {
    const count = counted();
    const session = new Session(standardNormal.open({ wrap: count.wrap, batch: 5 }));
    const problem = { verifier: "linear", budget: {}, solver, steps } as const;
    const run = await session.search(searchOverPaths(options), problem).run();
    const record = run.record();
    expectBalanced(record, count);
    const quote = session.quote(searchOverPaths(options), problem);
    expect(record.spent.nfe).toBe(quote.nfe);
    expect(record.spent.verifierCalls).toEqual({ linear: rounds * options.paths * options.width });
    expect(record.rounds).toHaveLength(rounds);
    expect(quote).toMatchObject({ exact: true, rounds });
  },
);

test("NFE = N E(1 -> sigma) + R N M (L + p), p = 0 on the round that lands on 0", () => {
  const session = new Session(standardNormal.open());
  const { nfe } = session.quote(
    searchOverPaths({ paths: 2, width: 3, start: 0.4, forward: 0.1, backward: 0.2 }),
    {
      ...{ verifier: "linear", budget: {}, solver: "euler", steps: 20 },
    },
  );
  // 12 steps down to .4; 4 rounds of 6 candidates with L = 4, and 3 x-predictions.
  expect(nfe).toBe(2 * 12 + 4 * 6 * 4 + 3 * 6);
});

test("each round keeps the N best predictions, and the last one the best", async () => {
  const run = await new Session(standardNormal.open())
    .search(searchOverPaths({ paths: 2, width: 4 }), { verifier: "linear", budget: {}, seed: 2, steps: 10 })
    .run();
  for (const [i, { candidates }] of run.rounds.entries()) {
    const stays = candidates.filter(({ status }) => status !== "dropped");
    const last = i === run.rounds.length - 1;
    expect(stays).toHaveLength(last ? 1 : 2);
    const scores = candidates.map(({ scores }) => scores["linear"]!).sort((a, b) => b - a);
    const kept = stays.map(({ scores }) => scores["linear"]!).sort((a, b) => b - a);
    expect(kept).toEqual(scores.slice(0, kept.length));
  }
  expect(survivors(run)).toEqual([run.best!.scores["linear"]]);
  expect(
    run
      .record()
      .candidates.filter(({ op }) => op === "renoise")
      .every(({ parents }) => parents.length === 1),
  ).toBe(true);
});

test("a verifier under a monotone map picks the same winners", async () => {
  const session = new Session(analyticEngine());
  const grey = verifier("grey", ({ rgb }) => rgb[0]!.reduce((sum, value) => sum + value, 0) / 64);
  const cubed = verifier("cubed", ({ rgb }) =>
    Math.exp(3 * (rgb[0]!.reduce((sum, value) => sum + value, 0) / 64)),
  );
  const statuses = await Promise.all(
    [grey, cubed].map(async (by) => {
      const run = await session
        .search(searchOverPaths(), { condition: "bright", verifier: by, budget: {}, seed: 3 })
        .run();
      return run.candidates.map(({ id, status }) => [id, status]);
    }),
  );
  expect(statuses[0]).toEqual(statuses[1]);
});

test.each([
  [{ forward: 0.4, backward: 0.4 }, "backward is 0.4 and forward 0.4, but backward must be the larger one"],
  [{ forward: 0.5, backward: 0.2 }, "backward is 0.2 and forward 0.5"],
  [{ start: 0 }, "searchOverPaths: start is 0, but must be above 0."],
  [{ start: 1.2 }, "searchOverPaths: start is 1.2"],
  [{ paths: 0 }, "searchOverPaths: paths is 0"],
  [{ path: 1 }, 'searchOverPaths has no "path". It has: paths, width, start, forward, backward.'],
])("options %j are refused", (options, message) => {
  expect(() => searchOverPaths(options as object)).toThrow(message);
});

test("a single step from pure noise lands on clean samples, which are scored as quoted", async () => {
  const session = new Session(standardNormal.open());
  const algorithm = searchOverPaths({ paths: 3, width: 2, start: 1 });
  const problem = { verifier: "linear", budget: { nfe: 50 }, steps: 1 };
  const run = await session.search(algorithm, problem).run();
  expect(run.best?.status).toBe("final");
  expect(session.quote(algorithm, problem)).toMatchObject({
    ...{ nfe: run.ledger.nfe, verifierCalls: 3, rounds: run.rounds.length, exact: true },
  });
});
