import { expect, test } from "vitest";
import { depthFirstSearch } from "../../../src/search/algorithms/depthFirstSearch.js";
import { analyticEngine, gaussianMixture, Session, type SearchRun } from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { failing } from "../helpers/failing.js";

const G = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
const problem = { verifier: "linear", seed: 1, steps: 16, budget: {} } as const;

function jumpsOf(run: SearchRun): number {
  return run.record().candidates.filter(({ op }) => op === "renoise").length;
}

test("threshold minus infinity: no jump, S NFE", async () => {
  const session = new Session(G.open());
  const algorithm = depthFirstSearch({ threshold: -Infinity, jumps: 9 });
  const run = await session.search(algorithm, problem).run();
  expect([jumpsOf(run), run.ledger.nfe]).toEqual([0, 16]);
  expect(session.quote(algorithm, problem)).toMatchObject({
    nfe: 16,
    verifierCalls: 4,
    rounds: 4,
    exact: true,
  });
  expectBalanced(run.record());
});

test.each([
  [1, 5],
  [2, 7],
  [4, 3],
  [9, 4],
])(
  "threshold infinity, jumps of %d: all %d are made, S + B (d + 1) NFE, the best of the buffer goes on",
  async (backtrack, jumps) => {
    const count = counted();
    const session = new Session(G.open({ wrap: count.wrap }));
    const algorithm = depthFirstSearch({ threshold: Infinity, backtrack, jumps });
    const run = await session.search(algorithm, problem).run();
    // The first level is judged after 4 of 16 steps: what is beyond the start is a fresh noise.
    const depth = Math.min(backtrack, 4);
    expect([jumpsOf(run), run.ledger.nfe]).toEqual([jumps, 16 + jumps * (depth + 1)]);
    const quote = session.quote(algorithm, problem);
    expect(quote).toMatchObject({
      nfe: run.ledger.nfe,
      verifierCalls: jumps + 4,
      rounds: jumps + 4,
      exact: true,
    });
    expect(run.ledger.verifierCalls).toEqual({ linear: jumps + 4 });
    expect(run.rounds).toHaveLength(jumps + 4);
    expectBalanced(run.record(), count);
    const { candidates, best } = run.record();
    const buffer = candidates.filter(({ level }) => level === 0.75);
    expect(buffer).toHaveLength(jumps + 1);
    const winner = buffer.reduce((a, b) => (b.scores["linear"]! > a.scores["linear"]! ? b : a));
    const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
    let id = best;
    while (id !== undefined && id !== winner.id) id = byId.get(id)!.parents[0];
    expect(id).toBe(winner.id);
    expect(buffer.filter(({ status }) => status === "kept").map((entry) => entry.id)).toEqual([winner.id]);
  },
);

test("a jump goes back to the level stated, by the exact forward kernel: the law of the states at the level stays", async () => {
  const algorithm = depthFirstSearch({ threshold: Infinity, backtrack: 2, jumps: 400 });
  const run = await new Session(G.open()).search(algorithm, problem).run();
  const { candidates } = run.record();
  for (const { op, from, parents } of candidates) {
    if (op !== "renoise") continue;
    expect(from).toBe(0.875);
    expect(run.candidate(parents[0]!).level).toBe(0.75);
  }
  const buffer = await Promise.all(
    candidates
      .filter(({ level }) => level === 0.75)
      .map(async ({ id }) => (await run.candidate(id).latent()).data[0]!),
  );
  const square = buffer.reduce((sum, value) => sum + value * value, 0) / buffer.length;
  // Mean 0, variance a^2 4.25 + s^2. 401 states in a chain that forgets half of each: standard error below 0.09.
  expect(Math.abs(square - (4.25 / 16 + 0.5625))).toBeLessThan(0.25);
});

test("adaptive: what is above the threshold costs S, what is below at most the quote, and ends above it more often", async () => {
  const session = new Session(G.open());
  const algorithm = depthFirstSearch({ threshold: 0.5, backtrack: 8, jumps: 6 });
  const quote = session.quote(algorithm, problem);
  expect(quote).toMatchObject({ nfe: 16 + 6 * 9, exact: false });
  let good = 0;
  const costs = new Set<number>();
  for (let seed = 0; seed < 40; seed++) {
    const run = await session.search(algorithm, { ...problem, seed }).run();
    expectBalanced(run.record());
    expect(run.ledger.cold.nfe).toBeLessThanOrEqual(quote.nfe);
    expect(run.ledger.verifierCalls["linear"]).toBeLessThanOrEqual(quote.verifierCalls);
    expect(run.rounds.length).toBeLessThanOrEqual(quote.rounds);
    expect(jumpsOf(run)).toBeLessThanOrEqual(6);
    if (jumpsOf(run) === 0) expect(run.ledger.cold.nfe).toBe(16);
    costs.add(run.ledger.cold.nfe);
    if (run.best!.scores["linear"]! > 0) good++;
  }
  // A half without search, standard error 3.2.
  expect(good).toBeGreaterThan(32);
  expect(costs.size).toBeGreaterThan(3);
});

test("the result is the one clean sample", async () => {
  const run = await new Session(G.open()).search(depthFirstSearch(), problem).run();
  const clean = run.candidates.filter(({ level }) => level === 0);
  expect(clean.map(({ id, status }) => [id, status])).toEqual([[run.best!.id, "final"]]);
});

test("few steps, budgets and an image model", async () => {
  for (const asked of [
    ...[{ steps: 1 }, { steps: 2 }, { steps: 3 }, { steps: 5 }],
    ...[{ budget: { nfe: 29 } }, { budget: { verifierCalls: 3 } }, { budget: { rounds: 2 } }],
  ]) {
    const session = new Session(G.open());
    const algorithm = depthFirstSearch({ threshold: Infinity });
    const run = await session.search(algorithm, { ...problem, ...asked }).run();
    const quote = session.quote(algorithm, { ...problem, ...asked });
    expect(run.ledger.nfe).toBeLessThanOrEqual(quote.nfe);
    if (quote.exact) expect([run.ledger.nfe, run.rounds.length]).toEqual([quote.nfe, quote.rounds]);
    expect(run.best).toBeDefined();
    expectBalanced(run.record());
  }
  const images = { verifier: "brightness", condition: "bright", guidance: 2, budget: {} };
  const algorithm = depthFirstSearch({ threshold: Infinity, backtrack: 1, jumps: 3 });
  const run = await new Session(analyticEngine()).search(algorithm, images).run();
  expect(run.ledger).toMatchObject({ nfe: 8 + 3 * 2, forwards: 28 });
  expectBalanced(run.record());
});

test("a candidate that fails counts as rejected, and the search begins anew; nothing is left when all fail", async () => {
  const algorithm = depthFirstSearch({ threshold: -Infinity, jumps: 2 });
  const session = new Session(G.open());
  const once = { ...problem, verifier: failing((call) => call === 1) };
  const run = await session.search(algorithm, once).run();
  expect(run.candidates.filter(({ parents }) => parents.length === 0)).toHaveLength(2);
  expect(run.best!.level).toBe(0);
  expectBalanced(run.record());
  const all = { ...problem, verifier: failing(() => true) };
  const none = await new Session(G.open()).search(algorithm, all).run();
  expect([none.state, none.best]).toEqual(["finished", undefined]);
  expect(none.candidates).toHaveLength(3);
});

test("an infinite threshold is a number in the record", () => {
  expect(depthFirstSearch({ threshold: Infinity }).options["threshold"]).toBe(Number.MAX_VALUE);
  expect(depthFirstSearch().options).toEqual({ threshold: 0.5, jumps: 8 });
});

test.each([
  [{ threshold: NaN }, "depthFirstSearch: threshold is NaN, but must be a number."],
  [{ threshold: "high" }, 'depthFirstSearch: threshold is "high", but must be a number.'],
  [{ backtrack: 0 }, "depthFirstSearch: backtrack is 0, but must be a whole number from 1 up."],
  [{ jumps: -1 }, "depthFirstSearch: jumps is -1, but must be a whole number from 0 up."],
  [{ depth: 2 }, 'depthFirstSearch has no "depth". It has: threshold, backtrack, jumps.'],
])("options %j are refused", (options, message) => {
  expect(() => depthFirstSearch(options as object)).toThrow(message);
});
