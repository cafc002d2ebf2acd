import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { Session, verifier, zeroOrderSearch, type SearchRun } from "../../../src/search/index.js";

const problem = { condition: "middle", verifier: "brightness", seed: 5, budget: { rounds: 12 } } as const;

function parentsByRound(run: SearchRun): string[] {
  return run.rounds.map(({ candidates }) => candidates[0]!.parents[0]!);
}

function bestOfRound(run: SearchRun, index: number): string {
  const { candidates } = run.rounds[index]!;
  return [...candidates].sort((a, b) => b.scores["brightness"]! - a.scores["brightness"]!)[0]!.id;
}

test("neighbours have the pivot's norm and the stated cosine to it, to 1e-6", async () => {
  for (const similarity of [0.95, 0.5, -0.2]) {
    const algorithm = zeroOrderSearch({ similarity, neighbours: 3 });
    const run = await new Session(analyticEngine({ side: 16 })).search(algorithm, problem).run();
    for (const candidate of run.candidates.filter(({ parents }) => parents.length > 0)) {
      const y = (await candidate.noise()).data;
      const n = (await run.candidate(candidate.parents[0]!).noise()).data;
      const dot = (a: Float32Array, b: Float32Array): number =>
        a.reduce((sum, value, i) => sum + value * b[i]!, 0);
      expect(Math.abs(Math.sqrt(dot(y, y) / dot(n, n)) - 1)).toBeLessThan(1e-6);
      expect(Math.abs(dot(y, n) / Math.sqrt(dot(y, y) * dot(n, n)) - similarity)).toBeLessThan(1e-6);
    }
  }
});

test("never: the best candidate becomes the pivot even if it is worse", async () => {
  const run = await new Session(analyticEngine()).search(zeroOrderSearch({ similarity: 0 }), problem).run();
  const pivots = parentsByRound(run);
  expect(pivots[0]).toBe("r0-c0");
  for (let i = 1; i < pivots.length; i++) expect(pivots[i]).toBe(bestOfRound(run, i - 1));
});

test("keep: the pivot stays until a candidate is better, so its score never falls", async () => {
  const run = await new Session(analyticEngine())
    .search(zeroOrderSearch({ similarity: 0, elitist: "keep" }), problem)
    .run();
  const pivots = parentsByRound(run);
  const scores = pivots.slice(1).map((id) => run.candidate(id).scores["brightness"]!);
  expect(scores).toEqual([...scores].sort((a, b) => a - b));
  // With independent directions a record becomes rare: some round must have stayed.
  expect(new Set(pivots).size).toBeLessThan(pivots.length);
  expect(run.best!.id).toBe(run.rounds.at(-1)!.best!.id);
});

test("restart: when no candidate is better the next round begins at a fresh noise, and the best is remembered", async () => {
  const run = await new Session(analyticEngine())
    .search(zeroOrderSearch({ similarity: 0.5, elitist: "restart" }), problem)
    .run();
  const fresh = run.candidates.filter(({ parents, id }) => parents.length === 0 && id !== "r0-c0");
  expect(fresh.length).toBeGreaterThan(0);
  for (const { cost, level } of fresh) expect([cost.nfe, level]).toEqual([0, 1]);
  const scores = run.candidates.flatMap(({ scores }) => scores["brightness"] ?? []);
  expect(run.best!.scores["brightness"]).toBe(Math.max(...scores));
});

test("similarity 1 does not move: every candidate has the same score", async () => {
  const run = await new Session(analyticEngine()).search(zeroOrderSearch({ similarity: 1 }), problem).run();
  expect(new Set(run.candidates.flatMap(({ scores }) => scores["brightness"] ?? [])).size).toBe(1);
});

test("a linear reward climbs as the theory says: after 20 rounds of 4 at 0.95, near 4.1 sigma", async () => {
  // Score = projection on the all-ones direction in units of its standard deviation; the ODE of one Gaussian is linear in the noise.
  // E s_k = c^k s_0 + sqrt(1 - c^2) e_4 (1 - c^k) / (1 - c) = 4.124 for Gaussian proposals; a little less on the sphere (4.01 at d = 4096).
  const finals: number[] = [];
  const session = new Session(analyticEngine({ side: 24 }));
  for (let seed = 0; seed < 24; seed++) {
    const climb = verifier("climb", ({ rgb }) => rgb[0]!.reduce((sum, value) => sum + value, 0) / 24 / 24);
    const run = await session
      .search(zeroOrderSearch(), { verifier: climb, solver: "heun", steps: 4, seed, budget: { rounds: 20 } })
      .run();
    // Every candidate of the last round: the winner is the best of four.
    const values = await Promise.all(
      run.rounds[19]!.candidates.map(
        async (candidate) => (await candidate.noise()).data.reduce((sum, value) => sum + value, 0) / 24,
      ),
    );
    finals.push(Math.max(...values));
  }
  const mean = finals.reduce((sum, value) => sum + value, 0) / finals.length;
  // Standard error about 0.1 over 24 seeds.
  expect(mean).toBeGreaterThan(3.6);
  expect(mean).toBeLessThan(4.5);
});

test.each([
  [{ neighbours: 0 }, "zeroOrderSearch: neighbours is 0"],
  [{ similarity: 1.2 }, "zeroOrderSearch: similarity is 1.2, but must be a number from -1 to 1."],
  [{ similarity: NaN }, "zeroOrderSearch: similarity is NaN"],
  [
    { elitist: "always" },
    'zeroOrderSearch: elitist "always" does not exist. There is: never, keep, restart.',
  ],
  [{ neighbors: 4 }, 'zeroOrderSearch has no "neighbors". It has: neighbours, similarity, elitist.'],
])("options %j are refused", (options, message) => {
  expect(() => zeroOrderSearch(options as object)).toThrow(message);
});
