import { expect, test } from "vitest";
import { apportion } from "../../../src/search/algorithms/apportion.js";
import { breadthFirstSearch, sharpness } from "../../../src/search/algorithms/breadthFirstSearch.js";
import { analyticEngine, gaussianMixture, Session } from "../../../src/search/index.js";
import { flowLevels } from "../../../src/search/schedules/flow.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { failing } from "../helpers/failing.js";

const G = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
const problem = { verifier: "linear", seed: 1, budget: {} } as const;

test("rounding keeps the count; each by itself would not", () => {
  const thirds = [0.3, 0.3, 0.4];
  expect(thirds.map((weight) => Math.round(5 * weight)).reduce((a, b) => a + b)).toBe(6);
  expect(apportion(thirds, 5)).toEqual([2, 1, 2]);
  const sevenths = Array.from({ length: 7 }, () => 1 / 7);
  expect(sevenths.map((weight) => Math.round(10 * weight)).reduce((a, b) => a + b)).toBe(7);
  expect(apportion(sevenths, 10)).toEqual([2, 2, 2, 1, 1, 1, 1]);
  expect(apportion(sevenths, 7)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(apportion([1, 0], 8)).toEqual([8, 0]);
  expect(apportion([0.9, 0.05, 0.05], 3)).toEqual([3, 0, 0]);
});

test("the inverse temperature grows with the signal and is 1 in the mean", () => {
  const levels = flowLevels(8);
  const all = levels.slice(0, -1).map((level) => sharpness(levels, level));
  expect(all).toEqual([...all].sort((a, b) => a - b));
  expect(all.reduce((sum, value) => sum + value, 0) / 8).toBeCloseTo(1, 12);
  // (i / (i + 1))^2 before the i-th step.
  expect(all[4]! / all[2]!).toBeCloseTo((4 / 5) ** 2 / (2 / 3) ** 2, 12);
});

test.each([1, 5, 8, 12, 13])("%d particles stay as many at every level", async (particles) => {
  const count = counted();
  const session = new Session(G.open({ wrap: count.wrap }));
  const algorithm = breadthFirstSearch({ particles, temperature: 3 });
  const run = await session.search(algorithm, problem).run();
  const { rounds, spent } = run.record();
  // Three levels and the end; copies go on where there are few: each round scores those that got there.
  expect(rounds.map(({ candidates }) => candidates.length)).toEqual([1, 1, 1, 1].map(() => particles));
  expect(rounds.slice(0, 3).map(({ particles: record }) => record!.resampled)).toEqual([true, true, true]);
  expect(spent.nfe).toBe(8 * particles);
  expect(session.quote(algorithm, problem)).toMatchObject({
    ...{ nfe: spent.nfe, verifierCalls: 4 * particles, rounds: 4, exact: true },
  });
  expectBalanced(run.record(), count);
});

test("offspring are the rounded softmax of the rewards", async () => {
  const temperature = 3;
  const run = await new Session(G.open())
    .search(breadthFirstSearch({ particles: 8, temperature }), { ...problem, budget: { rounds: 1 } })
    .run();
  const { candidates, levels } = run.record();
  const firsts = candidates.filter(({ op }) => op === "noise");
  const rewards = firsts.map(({ scores }) => scores["linear"]!);
  const raw = rewards.map((reward) => Math.exp((sharpness(levels, 0.75) * reward) / temperature));
  const total = raw.reduce((sum, value) => sum + value, 0);
  const wanted = apportion(
    raw.map((value) => value / total),
    8,
  );
  const copies = candidates.filter(({ op }) => op === "resample");
  const got = firsts.map(
    ({ id, status }) =>
      (status === "dropped" ? 0 : 1) + copies.filter(({ parents }) => parents[0] === id).length,
  );
  expect(got).toEqual(wanted);
});

test("pruning drops those without offspring and copies nobody", async () => {
  const session = new Session(G.open());
  const algorithm = breadthFirstSearch({ particles: 12, temperature: 3, prune: true });
  const run = await session.search(algorithm, problem).run();
  const counts = run.rounds.map(({ candidates }) => candidates.length);
  expect(counts[0]).toBe(12);
  expect(counts).toEqual([...counts].sort((a, b) => b - a));
  expect(counts[3]).toBeLessThan(12);
  expect(run.candidates.every(({ id }) => id.startsWith("r1-"))).toBe(true);
  const quote = session.quote(algorithm, problem);
  expect(quote.exact).toBe(false);
  // Two steps to each level; the prediction of one that is dropped is followed by no step, the others' is shared with theirs.
  const [a, b, c, d] = counts as [number, number, number, number];
  expect(run.ledger.nfe).toBe(2 * a + (a + b) + (b + c) + (c + d));
  expect(run.ledger.nfe).toBeLessThan(quote.nfe);
  expectBalanced(run.record());
});

test("a low temperature leaves the lineage of the best, and the best of the end is the result", async () => {
  const run = await new Session(G.open())
    .search(breadthFirstSearch({ particles: 6, temperature: 1e-3 }), problem)
    .run();
  expect(run.record().rounds[0]!.particles).toMatchObject({ count: 6, ancestors: 1 });
  const clean = run.candidates.filter(({ level }) => level === 0);
  const scores = clean.map((candidate) => candidate.scores["linear"]!);
  expect(run.best!.scores["linear"]).toBe(Math.max(...scores));
  expect(clean.filter(({ status }) => status !== "dropped").map(({ id }) => id)).toEqual([run.best!.id]);
});

test("it steers: above the mean of the model, which is 0", async () => {
  const session = new Session(G.open());
  let sum = 0;
  for (let seed = 0; seed < 20; seed++) {
    const run = await session
      .search(breadthFirstSearch({ particles: 8, temperature: 1 }), { ...problem, seed })
      .run();
    const clean = run.rounds[3]!.candidates;
    sum += clean.reduce((total, { scores }) => total + scores["linear"]! / clean.length, 0) / 20;
  }
  expect(sum).toBeGreaterThan(1);
});

test("few steps, budgets and an image model", async () => {
  for (const asked of [
    { steps: 1 },
    { steps: 2 },
    { budget: { nfe: 29 } },
    { budget: { verifierCalls: 11 } },
  ]) {
    const session = new Session(G.open());
    const run = await session.search(breadthFirstSearch(), { ...problem, ...asked }).run();
    const quote = session.quote(breadthFirstSearch(), { ...problem, ...asked });
    expect(run.ledger.nfe).toBeLessThanOrEqual(quote.nfe);
    if (quote.exact) expect(run.ledger.nfe).toBe(quote.nfe);
    expectBalanced(run.record());
  }
  const images = { verifier: "brightness", condition: "bright", guidance: 2, budget: {} };
  const run = await new Session(analyticEngine()).search(breadthFirstSearch(), images).run();
  expect(run.ledger).toMatchObject({ nfe: 64, forwards: 128, decodes: 32 });
  expectBalanced(run.record());
});

test("a verifier that fails on some leaves the others to fill up, on all nothing", async () => {
  const some = failing((call) => call === 2 || call === 5);
  const run = await new Session(G.open()).search(breadthFirstSearch(), { ...problem, verifier: some }).run();
  expect(run.rounds.map(({ candidates }) => candidates.length)).toEqual([6, 8, 8, 8]);
  expectBalanced(run.record());
  const all = { ...problem, verifier: failing(() => true) };
  const none = await new Session(G.open()).search(breadthFirstSearch(), all).run();
  expect([none.state, none.best]).toEqual(["finished", undefined]);
});

test("a temperature that overflows is said to be too low", async () => {
  const run = new Session(G.open()).search(breadthFirstSearch({ temperature: 1e-320 }), problem);
  await expect(run.run()).rejects.toThrow("A temperature too close to 0 makes weights overflow.");
});

test.each([
  [{ particles: 0 }, "breadthFirstSearch: particles is 0"],
  [{ temperature: -1 }, "breadthFirstSearch: temperature is -1, but must be a number above 0."],
  [{ prune: "yes" }, 'breadthFirstSearch: prune is "yes", but must be true or false.'],
  [{ beams: 2 }, 'breadthFirstSearch has no "beams". It has: particles, temperature, prune.'],
])("options %j are refused", (options, message) => {
  expect(() => breadthFirstSearch(options as object)).toThrow(message);
});
