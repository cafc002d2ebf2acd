import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { beamSearch } from "../../../src/search/algorithms/beamSearch.js";
import { gaussianMixture, Session, verifier } from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

const modes = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [-2]], variances: [0.25, 0.25] });

const costs: readonly [object, number, { nfe: number; calls: number; rounds: number }][] = [
  // B + (S - 1) K B L.
  [{ beams: 3, branches: 4 }, 8, { nfe: 3 + 7 * 12, calls: 7 * 12 + 3, rounds: 8 }],
  [{ beams: 2, branches: 3, lookahead: 4 }, 8, { nfe: 2 + 7 * 6 * 4, calls: 7 * 6 + 2, rounds: 8 }],
  [{ beams: 1, branches: 1 }, 8, { nfe: 8, calls: 8, rounds: 8 }],
  // B + (n - 1) K B L + (S - n) K B.
  [{ beams: 2, branches: 3, every: 3, lookahead: 2 }, 8, { nfe: 2 + 2 * 12 + 5 * 6, calls: 18, rounds: 3 }],
  [{ beams: 2, branches: 3, every: 3 }, 7, { nfe: 2 + 2 * 6 + 4 * 6, calls: 14, rounds: 3 }],
  [{ beams: 2, branches: 3, every: 20 }, 8, { nfe: 2 + 7 * 6, calls: 6, rounds: 1 }],
  [{ beams: 2, branches: 3 }, 1, { nfe: 2, calls: 2, rounds: 1 }],
];

test.each(costs)("%j in %i steps costs %j, as quoted", async (options, steps, { nfe, calls, rounds }) => {
  const count = counted();
  const session = new Session(modes.open({ wrap: count.wrap }));
  const problem = { verifier: "linear", steps, seed: 7, budget: {} };
  const run = await session.search(beamSearch(options), problem).run();
  expectBalanced(run.record(), count);
  expect(run.record().spent).toMatchObject({ nfe, verifierCalls: { linear: calls } });
  expect(run.rounds).toHaveLength(rounds);
  const quote = session.quote(beamSearch(options), problem);
  expect(quote).toMatchObject({ nfe, verifierCalls: calls, rounds, exact: true });
});

test("a step is K B L NFE, after B for the first branching", async () => {
  const options = { beams: 3, branches: 2, lookahead: 2 };
  const run = await new Session(modes.open())
    .search(beamSearch(options), { verifier: "linear", steps: 5, seed: 7, budget: {} })
    .run();
  expect(run.record().rounds.map(({ spent }) => spent.nfe)).toEqual([15, 12, 12, 12, 0]);
});

test("the best B of all children go on, each from its own state, and the best of the last is the result", async () => {
  const run = await new Session(modes.open())
    .search(beamSearch({ beams: 2, branches: 3 }), { verifier: "linear", seed: 5, budget: {} })
    .run();
  const { rounds, candidates } = run.record();
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  for (const { index } of rounds.slice(1, -1)) {
    const born = candidates.filter(({ round, op }) => round === index && op === "denoise");
    expect(born).toHaveLength(6);
    const before = candidates
      .filter(({ round, op }) => round === index - 1 && op === "denoise")
      .map(({ id, scores, earlier }) => ({
        id,
        score: earlier?.at(-1)?.scores["linear"] ?? scores["linear"]!,
      }))
      .sort((a, b) => b.score - a.score);
    const best = before.slice(0, 2).map(({ id }) => id);
    // Three children of the first and three of the second.
    expect(born.map(({ parents }) => parents[0])).toEqual(best.flatMap((id) => [id, id, id]));
    for (const { parents, from } of born) expect(byId.get(parents[0]!)!.level).toBe(from);
  }
  const clean = candidates.filter(({ level }) => level === 0);
  expect(clean).toHaveLength(2);
  expect(run.best!.scores["linear"]).toBe(Math.max(...clean.map(({ scores }) => scores["linear"]!)));
  expect(clean.map(({ status }) => status).sort()).toEqual(["dropped", "final"]);
});

test("one beam with one branch is plain stochastic sampling", async () => {
  const session = new Session(modes.open());
  let [above, squares] = [0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const problem = { verifier: "linear", seed, steps: 4, budget: {} };
    const run = await session.search(beamSearch({ beams: 1, branches: 1 }), problem).run();
    const x = run.best!.scores["linear"]!;
    above += x > 0 ? 1 : 0;
    squares += x * x;
  }
  expect(Math.abs(above / 300 - 0.5)).toBeLessThan(4 * 0.0289);
  // E x^2 = 4.25 and E x^4 = 16 + 6 + 3 / 16.
  expect(Math.abs(squares / 300 - 4.25)).toBeLessThan(4 * Math.sqrt((22.1875 - 4.25 ** 2) / 300));
}, 30_000);

test("more branches, and more beams, find more", async () => {
  const session = new Session(modes.open());
  const mean = async (options: object): Promise<number> => {
    let sum = 0;
    for (let seed = 0; seed < 40; seed++) {
      const problem = { verifier: "linear", seed, steps: 6, budget: {} };
      sum += (await session.search(beamSearch(options), problem).run()).best!.scores["linear"]!;
    }
    return sum / 40;
  };
  const [one, branched, beams] = [
    await mean({ beams: 1, branches: 1 }),
    await mean({ beams: 1, branches: 4 }),
    await mean({ beams: 4, branches: 4 }),
  ];
  // Deviations of a run: 2, .5 and .4.
  expect(branched).toBeGreaterThan(one + 1);
  expect(beams).toBeGreaterThan(branched);
}, 30_000);

test("a lookahead of many steps judges by where the ODE really leads", async () => {
  // In two dimensions the prediction in the middle of the two modes is far from both; what L steps predict is near one of them.
  const far = gaussianMixture({ weights: [0.5, 0.5], means: [[3], [-3]], variances: [0.01, 0.01] });
  const seen = async (lookahead: number): Promise<number> => {
    const run = await new Session(far.open())
      .search(beamSearch({ beams: 8, branches: 2, lookahead }), { verifier: "linear", seed: 3, budget: {} })
      .run();
    const early = run.candidates.filter(({ level, round }) => level === 0.875 && round === 1);
    const scores = early.map(({ scores }) => scores["linear"]!);
    return scores.filter((score) => Math.abs(Math.abs(score) - 3) < 0.5).length / scores.length;
  };
  expect(await seen(1)).toBeLessThan(0.4);
  expect(await seen(16)).toBeGreaterThan(0.6);
});

test("a budget that ends on the way is not overrun", async () => {
  for (const budget of [{ nfe: 9 }, { nfe: 40 }, { verifierCalls: 20 }, { rounds: 3 }]) {
    const count = counted();
    const session = new Session(modes.open({ wrap: count.wrap }));
    const problem = { verifier: "linear", seed: 1, budget };
    const run = await session.search(beamSearch(), problem).run();
    expect(run.state).toBe("finished");
    expect(run.best).toBeDefined();
    expectBalanced(run.record(), count);
    const quote = session.quote(beamSearch(), problem);
    expect(quote.exact).toBe(false);
    expect(run.ledger.nfe).toBeLessThanOrEqual(quote.nfe);
    expect(run.ledger.verifierCalls["linear"]).toBeLessThanOrEqual(quote.verifierCalls);
  }
});

test("candidates that fail leave the others; when all fail there is no best and no error", async () => {
  const problem = { condition: "middle", seed: 1, budget: {} };
  const none = verifier("none", () => NaN);
  const all = await new Session(analyticEngine()).search(beamSearch(), { ...problem, verifier: none }).run();
  expect([all.state, all.best]).toEqual(["finished", undefined]);
  let calls = 0;
  const odd = verifier("odd", ({ rgb }) => (++calls % 3 === 0 ? NaN : rgb[0]![0]!));
  const some = await new Session(analyticEngine()).search(beamSearch(), { ...problem, verifier: odd }).run();
  expect(some.best!.level).toBe(0);
  expectBalanced(some.record());
});

test.each([
  [{ beams: 0 }, "beamSearch: beams is 0, but must be a whole number from 1 up."],
  [{ branches: "4" }, 'beamSearch: branches is "4", but must be a whole number from 1 up.'],
  [{ lookahead: 0 }, "beamSearch: lookahead is 0"],
  [{ every: 1.5 }, "beamSearch: every is 1.5"],
  [{ width: 4 }, 'beamSearch has no "width". It has: beams, branches, lookahead, every.'],
])("options %j are refused", (options, message) => {
  expect(() => beamSearch(options as object)).toThrow(message);
});
