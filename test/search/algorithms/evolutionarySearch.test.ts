import { expect, test } from "vitest";
import { evolutionarySearch } from "../../../src/search/algorithms/evolutionarySearch.js";
import { analyticEngine, gaussianMixture, randomSearch, Session } from "../../../src/search/index.js";
import { bridge } from "../../../src/search/schedules/bridge.js";
import { flowPoint } from "../../../src/search/schedules/pathPoint.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { failing } from "../helpers/failing.js";

const G = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });
const problem = { verifier: "linear", seed: 1, steps: 10, budget: {} } as const;
const small = { schedule: [0, 4, 7], population: [12, 8, 8, 10] };

test.each([
  [{ schedule: [0, 20, 30, 40], population: [42, 26, 26, 26, 30] }, 5000],
  [{ schedule: [5, 20, 30, 40], population: [14, 7, 7, 7, 10] }, 1465],
])("the ledger of the published schedule %j in 50 steps is %d NFE", async (options, nfe) => {
  const count = counted();
  const session = new Session(G.open({ wrap: count.wrap }));
  const asked = { ...problem, steps: 50 };
  const run = await session.search(evolutionarySearch(options), asked).run();
  const scored = options.population.reduce((sum, size) => sum + size, 0);
  expect(run.ledger).toMatchObject({ nfe, verifierCalls: { linear: scored } });
  expectBalanced(run.record(), count);
  expect(session.quote(evolutionarySearch(options), asked)).toMatchObject({
    ...{ nfe, verifierCalls: scored, rounds: 5, exact: true },
  });
  expect(run.rounds.map(({ candidates }) => candidates.length)).toEqual(options.population);
});

test("a state is put in at the level where it was taken; elites as they were, the others mutated", async () => {
  const run = await new Session(G.open()).search(evolutionarySearch(small), problem).run();
  const state = async (id: string): Promise<number> => (await run.candidate(id).latent()).data[0]!;
  for (const [round, level] of [
    [2, 1],
    [3, 0.6],
    [4, 0.3],
  ] as const) {
    const members = run.record().candidates.filter((c) => c.op === "perturb" && c.round === round);
    expect(members).toHaveLength(small.population[round - 1]!);
    for (const [i, { id, from, parents }] of members.entries()) {
      expect(from).toBeCloseTo(level, 12);
      expect(run.candidate(parents[0]!).level).toBe(from);
      const moved = Math.abs((await state(id)) - (await state(parents[0]!)));
      if (i < 3) expect(moved).toBe(0);
      else expect(moved).toBeGreaterThan(0);
    }
  }
});

test("elites are the best of all trajectories so far, those of earlier generations too", async () => {
  const run = await new Session(G.open()).search(evolutionarySearch(small), problem).run();
  const { candidates, rounds } = run.record();
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const score = (id: string): number => run.candidate(id).scores["linear"]!;
  for (const round of [1, 2, 3]) {
    const ranked = rounds
      .slice(0, round)
      .flatMap((entry) => entry.candidates)
      .sort((a, b) => score(b) - score(a));
    const elites = candidates.filter((c) => c.op === "perturb" && c.round === round + 1).slice(0, 3);
    for (const [i, elite] of elites.entries()) {
      // The clean sample of rank i goes back to the state that the elite stands for.
      let id = ranked[i];
      while (id !== undefined && id !== elite.parents[0]) id = byId.get(id)!.parents[0];
      expect(id).toBe(elite.parents[0]);
    }
  }
});

test("mutation: sqrt(1 - beta^2) x + beta z of a noise, x + sigma z later", async () => {
  // Without elites and with one parent, the mutants are draws of the kernel around it.
  const options = { schedule: [0, 5], population: [1, 400, 800], elites: 0, mutation: 0.6 };
  const run = await new Session(G.open()).search(evolutionarySearch(options), problem).run();
  const { candidates } = run.record();
  const values = async (ids: readonly string[]): Promise<number[]> =>
    Promise.all(ids.map(async (id) => (await run.candidate(id).latent()).data[0]!));
  const [first, second] = [2, 3].map((round) =>
    candidates.filter((c) => c.op === "perturb" && c.round === round),
  );
  const [pivot] = await values([first![0]!.parents[0]!]);
  const noises = await values(first!.map(({ id }) => id));
  expect(Math.abs(mean(noises) - 0.8 * pivot!)).toBeLessThan(4 * (0.6 / Math.sqrt(400)));
  expect(Math.abs(variance(noises) - 0.36)).toBeLessThan(4 * 0.36 * Math.sqrt(2 / 400));
  const parents = await values(second!.map(({ parents: [parent] }) => parent!));
  const moves = (await values(second!.map(({ id }) => id))).map((value, i) => value - parents[i]!);
  const sigma = bridge(flowPoint(0.6), flowPoint(0.5), 1).deviation;
  expect(Math.abs(mean(moves))).toBeLessThan(4 * (sigma / Math.sqrt(800)));
  expect(Math.abs(variance(moves) / sigma ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / 800));
});

test("finds more than random search for the same compute, and keeps one", async () => {
  const session = new Session(G.open());
  const gains = [];
  for (let seed = 0; seed < 12; seed++) {
    const run = await session.search(evolutionarySearch(), { ...problem, seed }).run();
    const kept = run.candidates.filter(({ level, status }) => level === 0 && status !== "dropped");
    expect(kept.map(({ id, status }) => [id, status])).toEqual([[run.best!.id, "final"]]);
    const same = { ...problem, seed, eta: 1, budget: { nfe: run.ledger.cold.nfe } };
    const random = await session.search(randomSearch(), same).run();
    gains.push(run.best!.scores["linear"]! - random.best!.scores["linear"]!);
  }
  // 0.39, standard error 0.18.
  expect(mean(gains)).toBeGreaterThan(0);
});

test("defaults fit the steps, few of them too", () => {
  const session = new Session(G.open());
  const quote = (steps: number) => session.quote(evolutionarySearch(), { ...problem, steps });
  expect(quote(50)).toMatchObject({ nfe: 14 * 50 + 7 * 50 + 7 * 30 + 7 * 20 + 10 * 10, rounds: 5 });
  expect(quote(2)).toMatchObject({ nfe: 14 * 2 + 7 * 2 + 10 * 1, rounds: 3 });
  expect(quote(1)).toMatchObject({ nfe: 14 + 10, rounds: 2 });
  expect(evolutionarySearch({ schedule: [0, 3] }).options["population"]).toEqual([14, 7, 10]);
});

test("few steps, budgets and an image model", async () => {
  for (const asked of [
    { steps: 1 },
    { steps: 2 },
    { budget: { nfe: 137 } },
    { budget: { verifierCalls: 17 } },
  ]) {
    const session = new Session(G.open());
    const run = await session.search(evolutionarySearch(), { ...problem, ...asked }).run();
    const quote = session.quote(evolutionarySearch(), { ...problem, ...asked });
    expect(run.ledger.nfe).toBeLessThanOrEqual(quote.nfe);
    if (quote.exact) expect(run.ledger.nfe).toBe(quote.nfe);
    expect(run.best).toBeDefined();
    expectBalanced(run.record());
  }
  const images = { verifier: "brightness", condition: "bright", guidance: 2, steps: 5, budget: {} };
  const run = await new Session(analyticEngine()).search(evolutionarySearch(), images).run();
  expect(run.ledger.forwards).toBe(2 * run.ledger.nfe);
  expectBalanced(run.record());
});

test("a verifier that fails on some leaves the others to go on, on all nothing", async () => {
  const some = failing((call) => call % 3 === 0);
  const run = await new Session(G.open())
    .search(evolutionarySearch(small), { ...problem, verifier: some })
    .run();
  expect(run.rounds).toHaveLength(4);
  expect(run.best!.scores["odd"]).toBeDefined();
  expectBalanced(run.record());
  const all = { ...problem, verifier: failing(() => true) };
  const none = await new Session(G.open()).search(evolutionarySearch(small), all).run();
  expect([none.state, none.best, none.ledger.nfe]).toEqual(["finished", undefined, 120]);
});

test.each([
  [
    { schedule: [0, 20, 20] },
    "evolutionarySearch: schedule[2] is 20, but must be above 20: the steps go up.",
  ],
  [{ schedule: [] }, "evolutionarySearch: schedule is an array, but must be an array of whole numbers"],
  [{ schedule: [0.5] }, "evolutionarySearch: schedule[0] is 0.5, but must be a whole number from 0 up."],
  [{ population: [4, 4] }, "evolutionarySearch: population has 2 sizes, but 4 steps need 5"],
  [{ population: [4, 0, 4, 4, 4] }, "evolutionarySearch: population[1] is 0"],
  [{ elites: -1 }, "evolutionarySearch: elites is -1"],
  [{ mutation: 1.5 }, "evolutionarySearch: mutation is 1.5, but must be a number from 0 to 1."],
  [{ rate: 1 }, 'evolutionarySearch has no "rate". It has: schedule, population, elites, mutation.'],
])("options %j are refused", (options, message) => {
  expect(() => evolutionarySearch(options as object)).toThrow(message);
});

test("a schedule that goes beyond the steps is refused", async () => {
  const session = new Session(G.open());
  const algorithm = evolutionarySearch({ schedule: [0, 20, 30, 40] });
  const message = "evolutionarySearch: schedule ends at step 40, but a trajectory has 10 steps, 0 to 9.";
  expect(() => session.quote(algorithm, problem)).toThrow(message);
  await expect(session.search(algorithm, problem).run()).rejects.toThrow(message);
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}
